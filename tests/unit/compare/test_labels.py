"""Values in words, for people."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.catalogue.facts import Facts, FactTimeline, ManagedValue
from graphpolicy.catalogue.kinds import (
    Bool,
    Flags,
    Int,
    Kind,
    ProfileRef,
    ProfileRefs,
    Strings,
    Target,
)
from graphpolicy.compare.labels import entries, label
from tests.unit.build import ALL, NOBODY, A, B, group
from tests.unit.catalogue.test_values import BINDINGS, MODES, PASSKEYS, PROFILES, SCOPES, SMS, STATE

NAMES = {A: "Pilot", B: "Standard"}
ELSEWHERE: FactTimeline[ManagedValue] = FactTimeline(None, ())


def managed(*rows: dict[str, Any]) -> FactTimeline[ManagedValue]:
    """What is known about `default`: rows with the texts of facts.json."""
    about: dict[str, Any] = {
        "resource": "R",
        "setting": "state",
        "source": "https://learn.microsoft.com/x",
    }
    facts = Facts("", tuple(ManagedValue(**about, **row) for row in rows))
    return facts.managed_value("R", "state")


OFF = {"means": "off", "status": "complete", "as_of": "2024-11", "since": "2023-01"}
ON = {"means": "on", "as_of": "2026-05"}

LABELS: dict[str, tuple[Kind, Any, FactTimeline[ManagedValue], str]] = {
    "a switch": (Bool(), True, ELSEWHERE, "true"),
    "nothing": (Bool(), None, ELSEWHERE, "not set"),
    "one of a unit": (Int(unit="days"), 1, ELSEWHERE, "1 day"),
    "a number with its unit": (Int(unit="minutes"), 60, ELSEWHERE, "60 minutes"),
    "a number without one": (Int(), 0, ELSEWHERE, "0"),
    "flags": (Flags(("a", "b")), "b,a", ELSEWHERE, "b, a"),
    "identifiers": (Strings(), ["x", "y"], ELSEWHERE, "[x, y]"),
    "default with its dated meaning": (
        STATE,
        "default",
        managed(OFF),
        "default (Microsoft managed: off, since 2023-01, as of 2024-11)",
    ),
    "default whose meaning is about to change": (
        STATE,
        "default",
        managed(OFF, {**ON, "status": "announced", "since": "2027-01-15"}),
        (
            "default (Microsoft managed: off, since 2023-01, as of 2024-11; "
            "on, announced for 2027-01-15, as of 2026-05)"
        ),
    ),
    "default whose meaning changes nobody knows since when": (
        STATE,
        "default",
        managed({**ON, "status": "rolling"}),
        "default (Microsoft managed: on, rolling out, as of 2026-05)",
    ),
    "default whose meaning was withdrawn": (
        STATE,
        "default",
        managed({**OFF, "status": "withdrawn"}),
        "default",
    ),
    "enabled where default means something": (STATE, "enabled", managed(OFF), "enabled"),
    "default of which nothing is known": (STATE, "default", ELSEWHERE, "default"),
    "everyone": (Target(), ALL, ELSEWHERE, "everyone (all_users)"),
    "nobody": (Target(nobody=True), NOBODY, ELSEWHERE, "nobody"),
    "no target where that is nobody": (Target(nobody=True), None, ELSEWHERE, "nobody"),
    "no target elsewhere": (Target(), None, ELSEWHERE, "not set"),
    "a group by name and id": (Target(), group(A.upper()), ELSEWHERE, f"Pilot ({A.upper()})"),
    "a role by id": (Target(), {"targetType": "role", "id": "r"}, ELSEWHERE, "role r"),
    "no targets": (MODES, [], ELSEWHERE, "none"),
    "a target with what differs from nothing said": (
        SMS,
        [group(A, isUsableForSignIn=False, isRegistrationRequired=False), ALL],
        ELSEWHERE,
        f"Pilot ({A}): isUsableForSignIn false, everyone (all_users)",
    ),
    "a profile's name in a target": (
        PASSKEYS,
        [group(A, allowedPasskeyProfiles=[B])],
        ELSEWHERE,
        f"Pilot ({A}): allowedPasskeyProfiles [Standard ({B})]",
    ),
    "a profile": (ProfileRef(), B, ELSEWHERE, f"Standard ({B})"),
    "a profile of the map by its name": (
        PROFILES,
        [
            {
                "id": A,
                "name": "Keys",
                "passkeyTypes": "synced",
                "keyRestrictions": {"isEnforced": True, "enforcementType": "allow", "aaGuids": []},
            }
        ],
        ELSEWHERE,
        (
            "Keys: passkeyTypes synced, "
            "keyRestrictions isEnforced true; enforcementType allow; aaGuids []"
        ),
    ),
    "a binding by what identifies it": (
        BINDINGS,
        [{"priority": 1, "userProperty": "email"}],
        ELSEWHERE,
        "1: userProperty email",
    ),
    "a scope with its targets": (
        SCOPES,
        [{"subjectKeyIdentifier": "AB", "includeTargets": [group(A)]}],
        ELSEWHERE,
        f"AB: includeTargets Pilot ({A})",
    ),
}


@pytest.mark.parametrize("case", LABELS.values(), ids=LABELS.keys())
def test_label(case: tuple[Kind, Any, FactTimeline[ManagedValue], str]) -> None:
    kind, value, known, expected = case
    assert label(kind, value, NAMES, known) == expected


def test_what_happens_to_each_entry_of_a_list() -> None:
    before = [group(A, authenticationMode="any"), group(B), ALL]
    after = [group(A, authenticationMode="push"), ALL, group("n")]
    assert entries(MODES, before, after, NAMES) == (
        ("~", f"Pilot ({A}): authenticationMode any -> push"),
        (" ", "everyone (all_users)"),
        ("+", "n; authenticationMode (Graph's default)"),
        ("-", f"Standard ({B})"),
    )


def test_an_entry_says_only_what_of_it_moved() -> None:
    before = {"id": A, "name": "Keys", "passkeyTypes": "synced,deviceBound"}
    after = {**before, "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled"}
    [(_, text)] = entries(PROFILES, [before], [after], {})
    assert text == "Keys: attestationEnforcement not set -> disabled"


def test_what_a_new_profile_leaves_to_graph_is_said() -> None:
    new = {"id": A, "name": "Keys", "passkeyTypes": "synced"}
    [(symbol, text)] = entries(PROFILES, None, [new], {})
    assert symbol == "+"
    assert text == (
        "Keys: passkeyTypes synced; attestationEnforcement, keyRestrictions (Graph's default)"
    )


def test_a_renamed_profile_says_its_old_name() -> None:
    old = {"id": A, "name": "Old", "passkeyTypes": "synced"}
    [(symbol, text)] = entries(PROFILES, [old], [{**old, "name": "New"}], {})
    assert (symbol, text) == ("~", "New: name Old -> New")


AAGUIDS = [f"c0ffee00-0000-4000-8000-0000000000{n:02}" for n in range(12)]
NEW = "de1e552d-db1d-4423-a619-566b625cdc84"


def test_a_set_of_words_is_shown_by_its_entries() -> None:
    shown = entries(Strings(), AAGUIDS, [*AAGUIDS[1:], NEW.upper()], {})
    moved = [entry for entry in shown if entry[0] != " "]
    assert moved == [("+", NEW.upper()), ("-", AAGUIDS[0])]
    assert len(shown) == len(AAGUIDS) + 1
    assert entries(Strings(), [NEW.upper(), NEW], [NEW], {}) == ((" ", NEW),)
    assert entries(Flags(("a", "b")), "b,a", "b", {}) == ((" ", "b"), ("-", "a"))
    assert entries(ProfileRefs(), [A], [A, B], NAMES)[1] == ("+", f"Standard ({B})")


def test_an_entry_shows_what_comes_and_goes_inside_it() -> None:
    def keys(*models: str) -> dict[str, Any]:
        limits = {"isEnforced": True, "enforcementType": "allow", "aaGuids": list(models)}
        return {"id": A, "name": "Keys", "passkeyTypes": "synced", "keyRestrictions": limits}

    [(symbol, text)] = entries(PROFILES, [keys(*AAGUIDS)], [keys(*AAGUIDS[1:], NEW)], {})
    assert symbol == "~"
    assert text == f"Keys: keyRestrictions.aaGuids + {NEW}, - {AAGUIDS[0]} (11 stay)"
    scope = {"subjectKeyIdentifier": "AB", "includeTargets": [group(A)]}
    moved = {"subjectKeyIdentifier": "ab", "includeTargets": [group(A), group(B)]}
    [(_, text)] = entries(SCOPES, [scope], [moved], NAMES)
    assert text == f"ab: includeTargets + Standard ({B}) (1 stays)"


def test_two_live_entries_of_one_identity_are_both_shown() -> None:
    def binding(field: str) -> dict[str, Any]:
        return {"priority": 1, "x509CertificateField": field, "userProperty": "email"}

    before = [binding("PrincipalName"), binding("RFC822Name")]
    shown = entries(BINDINGS, before, [binding("RFC822Name")], {})
    assert [symbol for symbol, _ in shown] == [" ", "-"]
    assert "PrincipalName" in shown[1][1]
