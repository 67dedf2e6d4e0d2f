"""Which tenant is meant where no policy file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.commands.tenants import own_tenant
from graphpolicy.model import Tenant
from graphpolicy.model.errors import UsageError

ONE = "11111111-2222-4333-8444-55555555555a"
TWO = "22222222-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "policies"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, tenant: str, more: str = "") -> None:
    (folder / f"{name}.yaml").write_text(f"version: 1\ntenant: {{{tenant}}}\n{more}")


def test_a_mistake_in_one_of_two_files_does_not_make_the_other_the_only_one(
    policies: Path,
) -> None:
    write(policies, "one", f"id: {ONE}")
    write(policies, "two", f"id: {TWO}", "nonsense: 1\n")
    with pytest.raises(UsageError) as failed:
        own_tenant(None, {})
    assert failed.value.help == "pick one with --tenant: one, two"
    assert own_tenant("two", {}) == Tenant("two", TWO)


@pytest.mark.parametrize("broken", ["{name: two}", "{id: x}", "[", f"{{id: {TWO}, cloud: chin}}"])
def test_a_file_that_does_not_say_whose_it_is_leaves_open_which_one_is_meant(
    broken: str, policies: Path
) -> None:
    write(policies, "one", f"id: {ONE}")
    (policies / "two.yaml").write_text(f"version: 1\ntenant: {broken}\n")
    for wanted in (None, TWO):
        with pytest.raises(UsageError, match="graphpolicy validate"):
            own_tenant(wanted, {})
    assert own_tenant("one", {}) == Tenant("one", ONE)


def test_an_id_is_the_same_in_either_case(policies: Path) -> None:
    write(policies, "one", f"id: {ONE.upper()}, cloud: china")
    assert own_tenant(ONE.upper(), {}) == Tenant("one", ONE, "china")
    assert own_tenant(TWO.upper(), {}) == Tenant("tenant", TWO)
