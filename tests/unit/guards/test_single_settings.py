"""Passes, what a notification shows, the migration, and a plan as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Property
from graphpolicy.guards import GUARDS
from graphpolicy.guards.levels import Levels
from graphpolicy.model import POLICY
from graphpolicy.rules.table import RULES
from tests.unit.build import ALL, A, B, group
from tests.unit.guards.policies import (
    APP,
    FIDO2,
    MIGRATION,
    SMS,
    TAP,
    Case,
    Values,
    check,
    features,
    found,
    message,
    off,
    on,
    shown,
)

NAME = "displayAppInformationRequiredState"
NUMBER = "numberMatchingRequiredState"

PASSES: dict[str, Case] = {
    "a reusable pass for everyone": (
        "tap-too-open",
        {TAP: on(isUsableOnce=True, maximumLifetimeInMinutes=480)},
        {TAP: on(isUsableOnce=False, maximumLifetimeInMinutes=480)},
        [("warning", TAP, "isUsableOnce")],
    ),
    "a long-lived pass for everyone": (
        "tap-too-open",
        {TAP: on(isUsableOnce=True, maximumLifetimeInMinutes=480)},
        {TAP: on(isUsableOnce=True, maximumLifetimeInMinutes=481)},
        [("warning", TAP, "maximumLifetimeInMinutes")],
    ),
    "a long-lived and reusable pass becomes one for everyone": (
        "tap-too-open",
        {TAP: on(A, isUsableOnce=False, maximumLifetimeInMinutes=1440)},
        {TAP: on(isUsableOnce=False, maximumLifetimeInMinutes=1440)},
        [("warning", TAP, "isUsableOnce"), ("warning", TAP, "maximumLifetimeInMinutes")],
    ),
    "a long-lived pass that lives shorter": (
        "tap-too-open",
        {TAP: on(maximumLifetimeInMinutes=2000)},
        {TAP: on(maximumLifetimeInMinutes=1000)},
        [],
    ),
    "a long-lived pass that lives longer": (
        "tap-too-open",
        {TAP: on(maximumLifetimeInMinutes=1000)},
        {TAP: on(maximumLifetimeInMinutes=2000)},
        [("warning", TAP, "maximumLifetimeInMinutes")],
    ),
    "a reusable pass that is so already": (
        "tap-too-open",
        {TAP: on(isUsableOnce=False, defaultLength=8)},
        {TAP: on(isUsableOnce=False, defaultLength=12)},
        [],
    ),
    "a long-lived pass for a group": (
        "tap-too-open",
        {TAP: off()},
        {TAP: on(A, isUsableOnce=False, maximumLifetimeInMinutes=1440)},
        [],
    ),
}


def with_context(rows: Iterable[Property], above: str) -> Iterator[str]:
    """The settings that show something about a sign-in, by dotted path."""
    for row in rows:
        if row.context:
            yield f"{above}.{row.name}"
        yield from with_context(row.below, f"{above}.{row.name}")


def test_a_guard_knows_every_setting_that_shows_something_about_a_sign_in() -> None:
    rows = (path for one in RESOURCES.values() for path in with_context(one.properties, one.id))
    unknown = []
    for path in rows:
        resource, _, name = path.partition(".")
        before, after = (
            {resource: features(**{path.rpartition(".")[2]: shown(state)})}
            for state in ("enabled", "disabled")
        )
        if found("context-weakened", before, after) != [("warning", resource, f"{name}.state")]:
            unknown.append(path)
    assert unknown == []


CONTEXT: dict[str, Case] = {
    "a feature is switched off": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled")})},
        {APP: features(**{NAME: shown("disabled")})},
        [("warning", APP, f"featureSettings.{NAME}.state")],
    ),
    "a feature is left to Microsoft, who has it off": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled")})},
        {APP: features(**{NAME: shown("default")})},
        [("warning", APP, f"featureSettings.{NAME}.state")],
    ),
    "number matching is left to Microsoft, who has it on": (
        "context-weakened",
        {APP: features(**{NUMBER: shown("enabled")})},
        {APP: features(**{NUMBER: shown("default")})},
        [],
    ),
    "a feature that Microsoft has off is switched off": (
        "context-weakened",
        {APP: features(**{NAME: shown("default")})},
        {APP: features(**{NAME: shown("disabled")})},
        [],
    ),
    "a feature for fewer": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled")})},
        {APP: features(**{NAME: shown("enabled", group(A))})},
        [("warning", APP, f"featureSettings.{NAME}.includeTarget")],
    ),
    "a feature for everyone but some": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled")})},
        {APP: features(**{NAME: shown("enabled", ALL, group(A))})},
        [("warning", APP, f"featureSettings.{NAME}.excludeTarget")],
    ),
    "a feature for more": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled", group(A), group(B))})},
        {APP: features(**{NAME: shown("enabled")})},
        [],
    ),
    "a feature of a method that is switched off": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled")})},
        {APP: {**features(**{NAME: shown("disabled")}), "state": "disabled"}},
        [],
    ),
    "a feature that is about something else": (
        "context-weakened",
        {APP: features(companionAppAllowedState=shown("enabled"))},
        {APP: features(companionAppAllowedState=shown("disabled"))},
        [],
    ),
}

MIGRATIONS: dict[str, Case] = {
    "a step back": (
        "migration-state",
        {POLICY: {MIGRATION: "migrationComplete"}, SMS: on()},
        {POLICY: {MIGRATION: "migrationInProgress"}},
        [("error", POLICY, MIGRATION)],
    ),
    "completed with methods off": (
        "migration-state",
        {POLICY: {MIGRATION: "migrationInProgress"}, SMS: on(), "Voice": off()},
        {POLICY: {MIGRATION: "migrationComplete"}},
        [("error", POLICY, MIGRATION)],
    ),
    "completed with the plan switching one off": (
        "migration-state",
        {POLICY: {MIGRATION: "preMigration"}, SMS: on()},
        {POLICY: {MIGRATION: "migrationComplete"}, SMS: off()},
        [("error", POLICY, MIGRATION)],
    ),
    "completed with all that the legacy policies know on": (
        "migration-state",
        {POLICY: {MIGRATION: "preMigration"}, SMS: on(), FIDO2: off()},
        {POLICY: {MIGRATION: "migrationComplete"}},
        [],
    ),
    "a step ahead": (
        "migration-state",
        {POLICY: {MIGRATION: "preMigration"}, SMS: off()},
        {POLICY: {MIGRATION: "migrationInProgress"}},
        [],
    ),
    "no state at all": ("migration-state", {POLICY: {MIGRATION: None}, SMS: off()}, {}, []),
}


SETTINGS = PASSES | CONTEXT | MIGRATIONS


@pytest.mark.parametrize("case", SETTINGS.values(), ids=SETTINGS.keys())
def test_a_setting(case: Case) -> None:
    check(case)


SAID: dict[str, tuple[str, Values, Values, str]] = {
    "what a notification no longer shows": (
        "context-weakened",
        {APP: features(**{NAME: shown("enabled", group(A))})},
        {APP: features(**{NAME: shown("disabled", group(A))})},
        f"Pilot ({A}) would no longer see the application's name when approving a sign-in",
    ),
    "which methods the legacy policies alone allow": (
        "migration-state",
        {POLICY: {MIGRATION: "preMigration"}, SMS: off(), "Voice": off()},
        {POLICY: {MIGRATION: "migrationComplete"}},
        (
            "policyMigrationState would be migrationComplete while Sms, Voice are off here: "
            "people who have them only through the legacy policies lose them"
        ),
    ),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID.keys())
def test_what_it_says(case: tuple[str, Values, Values, str]) -> None:
    rule, before, after, expected = case
    assert message(rule, before, after) == expected


@pytest.mark.parametrize(
    ("changes", "levels", "fires"),
    [
        (30, Levels(), False),
        (31, Levels(), True),
        (10, Levels(numbers={"too-many-changes": 10}), False),
        (11, Levels(numbers={"too-many-changes": 10}), True),
    ],
)
def test_more_changes_than_one_reviews(changes: int, levels: Levels, fires: bool) -> None:
    expected = [("warning", POLICY, "")] if fires else []
    assert found("too-many-changes", {}, {}, changes=changes, levels=levels) == expected


def test_every_guard_is_described_as_one() -> None:
    assert {RULES[rule].kind for rule in GUARDS} == {"guard"}
