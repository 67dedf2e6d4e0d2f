"""plan --watch: a plan after each change of a file, until Ctrl-C."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graphpolicy.cli import main
from graphpolicy.mock import Mock

POLICY = """\
version: 1
tenant: {{id: {tenant}}}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Sms: {{state: {state}}}
"""


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """Writes a policy file into this folder, beside a snapshot of the tenant."""
    mock = Mock()
    address = "policies/authenticationMethodsPolicy"
    snapshot = {
        "format_version": "1",
        "tenant": {"name": "contoso", "id": mock.tenant_id, "cloud": "global"},
        "taken_at": "2026-11-24T00:00:00Z",
        "documents": {
            each: mock.ask("GET", f"/{each}/{address}").body for each in ("v1.0", "beta")
        },
        "groups": [],
    }
    (tmp_path / "contoso.json").write_text(json.dumps(snapshot), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "contoso.yaml"
    return lambda state: file.write_text(POLICY.format(tenant=mock.tenant_id, state=state))


def test_each_change_of_a_file_is_planned_and_an_error_ends_nothing(
    policy: Callable[[str], object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    policy("enabled")
    edits = iter(["enabled", "disabled", "no such state", "enabled "])
    shown: list[str] = []

    def sleep(_seconds: float) -> None:
        shown.append(capsys.readouterr().out)
        edit = next(edits, "")
        if not edit:
            raise KeyboardInterrupt
        if len(shown) > 1:
            policy(edit)

    monkeypatch.setattr("graphpolicy.cli.reports.sleep", sleep)
    with pytest.raises(SystemExit) as ended:
        main(["plan", "--watch", "--against", "contoso.json", "contoso.yaml"])
    assert ended.value.code == 130
    counts = [text.strip().rpartition("\n")[2].partition(",")[0] for text in shown]
    assert counts == ["0 to change", "", "1 to change", "", "0 to change"]


def test_standard_input_can_not_be_watched() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "--watch", "-"])
    assert ended.value.code == 64
