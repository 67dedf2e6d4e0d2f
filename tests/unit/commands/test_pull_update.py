"""pull --update over several tenants and files that change meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphpolicy.graph.failures import GraphError
from graphpolicy.mock import Mock
from graphpolicy.model import Failure, Tenant, Version
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.update import Update, update
from tests.laws import mock_tenant

ID = "11111111-2222-4333-8444-55555555555"


def policy(digit: int, more: str = "") -> str:
    return f"version: 1\ntenant: {{id: {ID}{digit}}}\n{more}"


METHODS = "authenticationMethodsPolicy: {authenticationMethodConfigurations: "
VOICE = f"{METHODS}{{Voice: {{state: disabled}}}}}}\n"


class Refusing(mock_tenant.InProcess):
    """A tenant that nobody may read."""

    async def get(self, version: Version, url: str) -> Any:
        raise GraphError("not allowed", status=403)


def test_a_tenants_file_that_another_builds_on_is_updated_first(tmp_path: Path) -> None:
    one, two = tmp_path / "two.yaml", tmp_path / "one.yaml"
    one.write_text(policy(1, VOICE), encoding="utf-8")
    two.write_text(policy(2, "extends: [two.yaml]\n"), encoding="utf-8")
    mock = Mock()
    mock.portal("Voice", {"state": "enabled"})
    policies = load([str(tmp_path)])
    first, second = mock_tenant.updated(mock, *policies.desired)
    assert isinstance(first, Update)
    assert isinstance(second, Update)
    assert "state: enabled" in one.read_text(encoding="utf-8")
    assert [result.changed == () for result in (first, second)] == [True, False]
    assert two.read_text(encoding="utf-8") == policy(2, "extends: [two.yaml]\n")


def test_a_tenant_that_cannot_be_read_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for digit in (1, 2):
        (tmp_path / f"{digit}.yaml").write_text(policy(digit, VOICE), encoding="utf-8")
    mock = Mock()
    mock.portal("Voice", {"state": "enabled"})

    def tenant(_session: mock_tenant.Session, which: Tenant) -> mock_tenant.InProcess:
        return (Refusing if which.id.endswith("1") else mock_tenant.InProcess)(mock)

    monkeypatch.setattr(mock_tenant.Session, "tenant", tenant)
    first, second = mock_tenant.updated(mock, *load([str(tmp_path)]).desired)
    assert isinstance(first, Failure)
    assert (first.message, first.exit_code) == ("not allowed", 4)
    assert isinstance(second, Update)
    assert "disabled" in (tmp_path / "1.yaml").read_text(encoding="utf-8")
    assert "enabled" in (tmp_path / "2.yaml").read_text(encoding="utf-8")


def test_a_file_that_changes_meanwhile_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "1.yaml"
    file.write_text(policy(1, VOICE), encoding="utf-8")
    mock = Mock()
    mock.portal("Voice", {"state": "enabled"})
    (wanted,) = load([str(file)]).desired

    def slow(*arguments: Any, **more: Any) -> Update:
        result: Update = update(*arguments, **more)
        file.write_text("theirs", encoding="utf-8")
        return result

    monkeypatch.setattr("graphpolicy.commands.pull.update", slow)
    (result,) = mock_tenant.updated(mock, wanted)
    assert isinstance(result, Failure)
    assert result.code == "file-changed"
    assert file.read_text(encoding="utf-8") == "theirs"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    file = tmp_path / "1.yaml"
    file.write_text(policy(1, VOICE), encoding="utf-8")
    (wanted,) = load([str(file)]).desired
    file.unlink()
    (result,) = mock_tenant.updated(Mock(), wanted)
    assert isinstance(result, Failure)
    assert result.code == "unreadable-file"


@pytest.mark.parametrize("text", ["version: 1\nteanant: {}\n", policy(2, VOICE)])
def test_a_file_that_is_another_policy_by_now_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "1.yaml"
    file.write_text(policy(1, VOICE), encoding="utf-8")
    (wanted,) = load([str(file)]).desired
    file.write_text(text, encoding="utf-8")
    (result,) = mock_tenant.updated(Mock(), wanted)
    assert isinstance(result, Failure)
    assert result.code == "file-changed"
    assert file.read_text(encoding="utf-8") == text


def test_a_file_whose_base_no_longer_fits_is_told(tmp_path: Path) -> None:
    sms = (
        "authenticationMethodsPolicy: {authenticationMethodConfigurations: {Sms: {includeTargets: "
    )
    base = policy(1, f"{sms}[{{group: Finance}}]}}}}}}\n")
    own = policy(2, f"extends: [1.yaml]\n{sms}{{remove: [{{group: Finance}}]}}}}}}}}\n")
    (tmp_path / "1.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "2.yaml").write_text(own, encoding="utf-8")
    first, second = mock_tenant.updated(Mock(), *load([str(tmp_path)]).desired)
    assert isinstance(first, Update)
    assert isinstance(second, Update)
    assert [found.rule for found in second.left] == ["nothing-to-remove"]
    assert (tmp_path / "2.yaml").read_text(encoding="utf-8") == own
