"""What a wave waits for, judged by hand; what a plan opens, skips, closes and leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.guards.waves import wave_findings
from graphpolicy.model import (
    Cause,
    Change,
    Finding,
    InForce,
    Rolled,
    Rollout,
    RolloutFacts,
    Unread,
    Wave,
    WavePeople,
)
from graphpolicy.plan.rollout_changes import rollout_entries
from graphpolicy.rollouts.gates import apart, gates
from graphpolicy.rollouts.status import (
    closings,
    judged_before,
    last_open,
    live_before,
    opening_of,
    openings,
)

PILOT = Wave("pilot", "11111111-0000-4000-8000-000000000001", "2026-12-01")
STAFF = Wave("staff", "11111111-0000-4000-8000-000000000002", "2026-12-10")
ALL = Wave("everyone", "all_users", "2027-01-12")
FEATURE = ("featureSettings", "displayAppInformationRequiredState", "includeTarget")
SINGLE = Rolled("MicrosoftAuthenticator", FEATURE, "slow", single=True)
LISTED = Rolled("Sms", ("includeTargets",), "slow", single=False)


def rollout(opened: str = "", staff: Wave = STAFF) -> Rollout:
    return Rollout("slow", (PILOT, staff, ALL), opened)


def needing(*, at_least: int = 0, soak_days: int = 0, no_drift: bool = False) -> Wave:
    method = "MicrosoftAuthenticator" if at_least else ""
    return Wave("staff", STAFF.target, STAFF.since, method, at_least, soak_days, no_drift)


def people(count: int, registered: int | None = None, left: int | None = None) -> RolloutFacts:
    return RolloutFacts(people={"staff": WavePeople(count, registered, left)})


def soaked(days: int) -> RolloutFacts:
    in_force = {"pilot": InForce(days, "applied")}
    return RolloutFacts(in_force=in_force, people={"staff": WavePeople(3)})


UNREAD = RolloutFacts(people={"staff": Unread("403", "grant it")})
LATER = "2027-01-01"
SWITCHED = Change("Sms", "state", "disabled", "enabled", "", "", "v1.0", None, title="Sms")


def live(*waves: Wave) -> Change:
    """A change of a list that has the targets of these waves in the tenant."""
    who = [{"targetType": "group", "id": str(wave.target)} for wave in waves]
    return Change("Sms", "includeTargets", who, [], "", "", "v1.0", None, title="Sms")


CASES: dict[str, tuple[Wave, RolloutFacts, str, int, list[bool]]] = {
    "the day before": (STAFF, people(3), "2026-12-09", 0, [False]),
    "its first day": (STAFF, people(3), "2026-12-10", 0, [True]),
    "an empty group": (STAFF, people(0), "2026-12-10", 0, [True, False]),
    "people unread, and not needed": (STAFF, UNREAD, "2026-12-10", 0, [True]),
    "89 of 100": (needing(at_least=90), people(100, 89), LATER, 0, [True, False]),
    "90 of 100": (needing(at_least=90), people(100, 90), LATER, 0, [True, True]),
    "899 of 1000": (needing(at_least=90), people(1000, 899), LATER, 0, [True, False]),
    "all of nobody": (needing(at_least=1), people(0, 0), LATER, 0, [True, False]),
    "a report that can't be read": (needing(at_least=1), UNREAD, LATER, 0, [True, False]),
    "nobody counted": (needing(at_least=1), RolloutFacts(), LATER, 0, [True, False]),
    "six days": (needing(soak_days=7), soaked(6), LATER, 0, [True, False]),
    "seven days": (needing(soak_days=7), soaked(7), LATER, 0, [True, True]),
    "nobody knows since when": (needing(soak_days=7), people(3), LATER, 0, [True, False]),
    "no drift": (needing(no_drift=True), people(3), LATER, 0, [True, True]),
    "drift": (needing(no_drift=True), people(3), LATER, 1, [True, False]),
}


@pytest.mark.parametrize("case", CASES)
def test_gates(case: str) -> None:
    staff, facts, today, differ, expected = CASES[case]
    opening = opening_of(rollout("staff", staff), 1, [LISTED])
    found = list(gates(opening, facts, today, differ))
    assert [gate.met for gate in found] == expected
    assert all(gate.why for gate in found)


def test_the_first_wave_waits_for_none_before_it() -> None:
    first = Wave("pilot", PILOT.target, PILOT.since, soak_days=7)
    opening = opening_of(Rollout("slow", (first,), "pilot"), 0, [LISTED])
    facts = RolloutFacts(people={"pilot": WavePeople(3)})
    assert [gate.met for gate in gates(opening, facts, "2026-12-01", 0)] == [True]


def test_from_a_snapshot_only_the_day_is_judged() -> None:
    opening = opening_of(rollout("staff", needing(at_least=90, soak_days=7)), 1, [LISTED])
    assert [gate.met for gate in gates(opening, None, "2026-12-10", 0)] == [True]


RUN = {"slow": RolloutFacts(frozenset({"pilot"}))}


@pytest.mark.parametrize(
    ("base", "facts", "changes", "expected"),
    [
        pytest.param([rollout("pilot")], {}, [live(ALL)], {"pilot"}, id="the base tells"),
        pytest.param([], {}, [], set(), id="the base does not have the rollout"),
        pytest.param(
            [Rollout("slow", (replace(PILOT, target="all_users"), STAFF), "staff")],
            {},
            [],
            {"staff"},
            id="the base has other people in the pilot",
        ),
        pytest.param(None, RUN, [live(ALL)], {"pilot"}, id="the last run tells"),
        pytest.param(None, RUN, [], {"pilot", "staff"}, id="nothing of it changes"),
        pytest.param(None, {}, [], {"pilot", "staff"}, id="nothing of it changes, without a run"),
        pytest.param(None, {}, [live(PILOT)], {"pilot"}, id="the tenant has the pilot"),
        pytest.param(None, {}, [live(STAFF)], {"pilot", "staff"}, id="the pilot is lost"),
        pytest.param(None, {}, [live(PILOT, STAFF, ALL)], {"pilot", "staff"}, id="one too many"),
        pytest.param(None, {}, [live(ALL)], set(), id="the tenant has others"),
        pytest.param(None, {}, [live(PILOT), SWITCHED], set(), id="it is also switched on"),
    ],
)
def test_which_waves_were_open_before(
    base: list[Rollout] | None,
    facts: dict[str, RolloutFacts],
    changes: list[Change],
    expected: set[str],
) -> None:
    now = [rollout("staff")]
    before = judged_before(base, facts, now, live_before(changes, [LISTED], now))
    opened = {each.wave.name for each in openings(now, [LISTED], before)}
    assert opened == {"pilot", "staff"} - expected


@pytest.mark.parametrize(("before", "expected"), [(PILOT, {"staff"}), (ALL, set()), (STAFF, set())])
def test_one_target_shows_how_far_a_rollout_was(before: Wave, expected: set[str]) -> None:
    now = [Rollout("slow", (PILOT, STAFF, ALL), "staff" if before != ALL else "everyone")]
    who = {"targetType": "group", "id": before.target}
    changes = [replace(live(), title="MicrosoftAuthenticator", path=".".join(FEATURE), before=who)]
    known = judged_before(None, {}, now, live_before(changes, [SINGLE], now))
    assert {each.wave.name for each in openings(now, [SINGLE], known)} == expected


@pytest.mark.parametrize(
    ("now", "gone"),
    [
        ([rollout("pilot")], ["staff"]),
        ([rollout("staff")], []),
        ([], ["pilot", "staff"]),
        ([Rollout("slow", (PILOT, ALL), "pilot")], ["staff"]),
    ],
)
def test_the_last_run_tells_what_is_closed(now: list[Rollout], gone: list[str]) -> None:
    facts = {"slow": RolloutFacts(frozenset({"pilot", "staff"}))}
    found = [wave.name for each in closings(now, last_open(now, facts)) for wave in each.waves]
    assert found == gone


def test_a_wave_that_gets_another_name_is_not_closed() -> None:
    renamed = Rollout("slow", (replace(PILOT, name="first"), STAFF), "staff")
    assert list(closings([renamed], [rollout("staff")])) == []


def judged(
    now: Rollout, base: Rollout | None, facts: RolloutFacts, rolled: Rolled = LISTED
) -> list[Finding]:
    before = [base] if base else []
    opened = openings([now], [rolled], judged_before(before, {}, [now], {}))
    waits = {("slow", each.wave.name): list(gates(each, facts, "2027-02-01", 0)) for each in opened}
    closed = closings([now], before)
    found = wave_findings(opened, closed, waits, {"slow": facts}, names={}, offline=False)
    return list(found)


def rules(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.rule, each.level) for each in found]


def test_a_wave_that_is_ready_is_told_and_two_at_once_are_refused() -> None:
    assert rules(judged(rollout("pilot"), rollout("pilot"), RolloutFacts())) == []
    ready = judged(rollout("staff"), rollout("pilot"), people(3))
    assert rules(ready) == [("wave-opens", "note")]
    both = judged(rollout("staff"), rollout(), people(3))
    assert ("wave-skipped", "error") in rules(both)
    alone = judged(rollout("pilot"), None, people(3))
    assert ("wave-skipped", "error") not in rules(alone)


@pytest.mark.parametrize("now", [rollout("pilot"), rollout(), Rollout("other", (PILOT,))])
def test_a_wave_that_is_closed_is_a_warning(now: Rollout) -> None:
    assert rules(judged(now, rollout("staff"), RolloutFacts())) == [("wave-closed", "warning")]


@pytest.mark.parametrize(
    ("left", "rolled", "expected"),
    [(2, SINGLE, 1), (0, SINGLE, 0), (None, SINGLE, 1), (2, LISTED, 0)],
)
def test_who_is_left_behind_where_one_target_is_taken(
    left: int | None, rolled: Rolled, expected: int
) -> None:
    found = judged(rollout("staff"), rollout("pilot"), people(3, left=left), rolled)
    assert rules(found).count(("wave-leaves-behind", "warning")) == expected


def test_a_wave_that_is_inserted_leaves_nobody_behind() -> None:
    """A setting that takes one target is for the people of the last open wave, before and after."""
    base = Rollout("slow", (PILOT, ALL), "everyone")
    found = judged(rollout("everyone"), base, people(3, left=2), SINGLE)
    assert rules(found) == [("wave-opens", "note")]


def change(title: str, path: str, cause: Cause) -> Change:
    return Change(title, path, 1, 2, "1", "2", "v1.0", None, cause=cause, title=title)


def test_drift_is_what_differs_apart_from_the_rollout() -> None:
    changes = [
        change("Sms", "includeTargets", "unknown"),
        change("Sms", "state", "drift"),
        change("Voice", "state", "edit"),
        change("Voice", "isOfficePhoneAllowed", "unknown"),
    ]
    assert apart(changes, [LISTED], "slow") == 1
    assert apart(changes, [LISTED], "other") == 3


@pytest.mark.parametrize(
    ("staff", "weaker"),
    [
        (needing(at_least=80, soak_days=7), True),
        (needing(at_least=90, soak_days=6), True),
        (needing(soak_days=7), True),
        (needing(at_least=95, soak_days=9), False),
        (Wave("staff", STAFF.target, "2026-12-09", "MicrosoftAuthenticator", 90, 7), True),
        (Wave("staff", STAFF.target, "2026-12-11", "MicrosoftAuthenticator", 90, 7), False),
    ],
)
def test_what_waits_for_less_is_weaker(staff: Wave, weaker: bool) -> None:
    base = rollout(staff=needing(at_least=90, soak_days=7))
    [entry] = rollout_entries([base], [rollout(staff=staff)])
    assert entry.weaker is weaker
    assert list(rollout_entries([base], [base])) == []
    opened = [rollout("staff", needing(at_least=90, soak_days=7))]
    assert not any(entry.weaker for entry in rollout_entries(opened, [rollout("staff", staff)]))
