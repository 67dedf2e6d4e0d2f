"""The order of rings, what stops them, and the `ring` of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.model import Failure, Result, Tenant, Unsent
from graphpolicy.model.command import without
from graphpolicy.policyfile.load import load
from graphpolicy.rollouts.rings import by_ring, headed, left, rings_of, stopped_by
from tests.unit.render.reports import plan

DONE = Result("Sms", ("state",), "verified", written=True)
BROKEN = Result("Sms", ("state",), "not_persisted", exit_code=1)
WAITS = Unsent("held up")
NO = Unsent("declined", declined=True)


def tenant(name: str, ring: int | None = None) -> Tenant:
    return Tenant(name, name, ring=ring)


def test_rings_ascend_as_numbers_and_no_ring_is_last() -> None:
    tenants = [tenant("a"), tenant("b", 10), tenant("c", 9), tenant("d", 10), tenant("e")]
    assert rings_of(tenants) == (9, 10, None)
    found = [(ring, [each.name for each in own]) for ring, own in by_ring(tenants, lambda t: t)]
    assert found == [(9, ["c"]), (10, ["b", "d"]), (None, ["a", "e"])]
    assert rings_of([tenant("a"), tenant("b")]) == ()
    assert rings_of([]) == ()


def test_a_ring_is_no_part_of_who_a_tenant_is() -> None:
    assert {tenant("a", 1): 1}[tenant("a", 2)] == 1


def test_headings_are_for_several_tenants_with_rings() -> None:
    one, other = plan(tenant=tenant("a", 1)), plan(tenant=tenant("b"))
    assert [heading for heading, _ in headed([other, one])] == ["Ring 1", "No ring"]
    assert headed([one]) == [("", [one])]
    assert headed([other, other]) == [("", [other, other])]
    assert headed([]) == [("", [])]


def test_whatever_is_not_in_order_stops_the_next_ring() -> None:
    fine, failed = plan(tenant=tenant("a", 1)), Failure(tenant("b", 1), "", "a-code", "")
    assert list(stopped_by([fine], {})) == []
    assert list(stopped_by([fine], {"a": (DONE,)})) == []
    assert list(stopped_by([fine], {"a": (DONE, BROKEN)})) == ["a: not completely applied"]
    assert list(stopped_by([fine, failed], {})) == ["b: a-code"]
    assert list(stopped_by([fine], {}, {"a"})) == ["a: declined"]


def test_what_is_left_begins_with_the_ring_that_stopped_the_others() -> None:
    plans = [plan(tenant=tenant(name, ring)) for name, ring in (("a", 1), ("b", 2), ("c", None))]
    results = {"a": (DONE,), "b": (BROKEN,)}
    assert left(plans, results, {"c": WAITS}) == ([2, None], ["b: not completely applied"])
    assert left(plans, {"a": (DONE,)}, {"b": WAITS, "c": WAITS}) == ([2, None], [])
    assert left(plans, {"a": (DONE,)}, {"b": NO, "c": WAITS}) == ([2, None], ["b: declined"])
    assert left(plans, {"a": (DONE,)}, {"c": NO}) == ([], [])


def test_a_flag_is_taken_out_of_a_command_in_either_form() -> None:
    typed = ["apply", "--ring", "1", "--ring=2", "-q", "--", "--ring", "3"]
    assert without(typed, "--ring", lambda _: True) == ("apply", "-q", "--", "--ring", "3")
    assert without(typed, "--ring", lambda value: value == "1")[1:3] == ("--ring=2", "-q")


@pytest.mark.parametrize("ring", ["0", "-1", '"1"', "true", "1.5", "null"])
def test_a_ring_that_is_none_is_an_error_with_its_place(tmp_path: Path, ring: str) -> None:
    file = tmp_path / "contoso.yaml"
    file.write_text(
        "version: 1\ntenant:\n  id: 11111111-2222-4333-8444-555555555555\n"
        f"  ring: {ring}\nauthenticationMethodsPolicy: {{}}\n"
    )
    found = load([str(file)])
    assert found.desired == ()
    [wrong] = [each for each in found.findings if each.level == "error"]
    assert wrong.source
    assert (wrong.source.line, wrong.source.column) == (4, 9)
    assert wrong.help
