"""Which tenant a command is about if no policy file is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from graphpolicy.commands.tenants import own_tenant, wanted_policies
from graphpolicy.model import Tenant
from graphpolicy.model.errors import UsageError
from graphpolicy.policyfile.load import load

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


def chosen(*names: str, rings: Sequence[int | None] = ()) -> list[str]:
    found, _ = wanted_policies(load(["policies"]), names, ("policies",), rings)
    return [each.tenant.name for each in found]


def fleet(policies: Path) -> None:
    for name, ring in {"a": "", "b": ", ring: 10", "c": ", ring: 2", "d": ", ring: 2"}.items():
        write(policies, name, f"id: {name * 8}-2222-4333-8444-555555555555{ring}")


def test_tenants_come_ring_by_ring_and_those_without_one_last(policies: Path) -> None:
    fleet(policies)
    assert chosen() == ["c", "d", "b", "a"]
    assert chosen(rings=[10]) == ["b"]
    assert chosen(rings=[None, 2]) == ["c", "d", "a"]
    assert chosen("b", "d") == ["d", "b"]
    assert chosen("b", "d", rings=[2]) == ["d"]
    assert chosen("b", "nobody") == []


def test_a_ring_without_tenants_names_those_there_are(policies: Path) -> None:
    fleet(policies)
    with pytest.raises(UsageError) as failed:
        chosen(rings=[2, 3])
    assert failed.value.exit_code == 64
    assert failed.value.help.endswith(" 2, 10, none")
    with pytest.raises(UsageError, match="leaves out b"):
        chosen("b", rings=[2])


def test_without_any_ring_there_is_none_to_choose(policies: Path) -> None:
    write(policies, "one", f"id: {ONE}")
    with pytest.raises(UsageError):
        chosen(rings=[None])
