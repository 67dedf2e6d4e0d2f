"""Three tenants in three rings, over the wire."""

from __future__ import annotations

import json
import shutil

import pytest

from graphpolicy.mock import Mock, Server
from tests.shell import Shell, application, proposed
from tests.verbs.test_trouble import Terminal

TENANTS = {
    name: f"{number}{number}111111-2222-4333-8444-555555555555"
    for number, name in enumerate(("first", "second", "third"), 3)
}
LONGER = "TemporaryAccessPass: {defaultLength: 20}"
HARDWARE = "HardwareOath: {state: enabled, includeTargets: [all_users]}"


def write(shell: Shell, name: str, ring: str, methods: str) -> None:
    shell.write(
        f"version: 1\ntenant: {{id: {TENANTS[name]}{ring}}}\nauthenticationMethodsPolicy:\n"
        f"  authenticationMethodConfigurations: {{{methods}}}\n",
        f"policies/{name}.yaml",
    )


@pytest.fixture
def fleet(bare: Shell, mock: Mock, server: Server) -> Shell:
    """Only a request of the second tenant can be recognised."""
    for name, id_ in TENANTS.items():
        mock.add_tenant(id_, name)
    bare.environment |= application(server)
    write(bare, "first", ", ring: 1", LONGER)
    write(bare, "second", ", ring: 2", HARDWARE)
    write(bare, "third", "", LONGER)
    return bare


def length(mock: Mock, name: str) -> int:
    found = mock.configuration("TemporaryAccessPass", tenant_id=TENANTS[name])
    return int(found["defaultLength"])


def test_a_failure_in_the_second_ring_leaves_the_third_alone_and_says_how_to_go_on(
    fleet: Shell, mock: Mock
) -> None:
    mock.add_fault("status", status=403, method="PATCH", path_contains="HardwareOath")
    assert fleet("plan", "-o", "plan.json").code == 0
    done = fleet("apply", "--auto-approve", "--keep-going", "--soak", "0", "plan.json")
    assert done.code == 5
    assert (length(mock, "first"), length(mock, "third")) == (20, 8)
    assert "held up by ring 2 (second: not completely applied)" in done.out
    headings = [line for line in done.out.splitlines() if line in ("Ring 1", "Ring 2", "No ring")]
    assert headings[-3:] == ["Ring 1", "Ring 2", "No ring"]
    [on] = [each for each in proposed(done) if "--ring" in each]
    assert on == [*on[: on.index("--ring")], "--ring", "2", "--ring", "none"]
    mock.clear_faults()
    again = fleet(*on)
    assert again.code == 0
    assert "first" not in again.out
    assert length(mock, "third") == 20


def test_a_soak_needs_rings_and_a_ring_that_there_is(fleet: Shell, mock: Mock) -> None:
    for name in TENANTS:
        write(fleet, name, "", LONGER)
    assert fleet("apply", "--auto-approve", "--soak", "1h").code == 64
    assert fleet("plan", "--ring", "1").code == 64
    assert length(mock, "first") == 8


def test_plan_and_drift_look_at_one_ring_alone(fleet: Shell) -> None:
    for verb, code in (("plan", 0), ("drift", 2)):
        done = fleet(verb, "--ring", "1,none", "--format", "json")
        tenants = [each["tenant"] for each in json.loads(done.out)["plans"]]
        assert done.code == code
        assert [each["name"] for each in tenants] == ["first", "third"]
        assert tenants[0]["ring"] == 1


def test_the_plan_of_a_ring_is_that_of_the_whole_fleet(fleet: Shell, mock: Mock) -> None:
    """A tenant of another ring is not lost; one that no file has now is lost."""
    gone = "99999999-2222-4333-8444-555555555555"
    shutil.copytree(fleet.folder / "policies", fleet.folder / "before")
    fleet.write(f"version: 1\ntenant: {{id: {gone}, ring: 2}}\n", "before/gone.yaml")
    found = {}
    for ring in ((), ("--ring", "1")):
        made = fleet("plan", "policies", "--base", "before", "--format", "json", *ring)
        first, *others = json.loads(made.out)["plans"]
        assert len(others) == (0 if ring else 2)
        found[ring] = first["digest"], first["protection"]
    assert found["--ring", "1"] == found[()]
    assert [(each["key"], each["path"]) for each in first["protection"]] == [("tenant", "gone")]


def test_after_a_no_nobody_is_asked_about_a_later_ring(fleet: Shell, mock: Mock) -> None:
    terminal = Terminal(fleet, "apply", "--keep-going")
    terminal.until("to apply this to first")
    terminal.type("no\n")
    assert terminal.end() == 1
    assert "to apply this to second" not in terminal.said
    assert length(mock, "third") == 8
