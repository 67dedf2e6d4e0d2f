"""Names to ids: one exact match, or nothing is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.resolve import Resolution, group_names, resolve, target_ids
from graphpolicy.model import Declared, Directory, Named, Observed, Place, ProfileName, Rolled
from tests.unit.build import ALL, NOBODY, A, B, external, file_of, group, read

HERE = Place("policy.yaml", 7, 5)
OTHER_TENANT = "22222222-2222-4333-8444-555555555555"


def sms(*ids: Any) -> Declared:
    targets = [{"targetType": "group", "id": id_} for id_ in ids]
    return Declared("Sms", {"excludeTargets": targets}, {})


def resolved(declared: Declared, directory: Directory, live: Observed | None = None) -> Resolution:
    return resolve(file_of([declared]), directory, live or read())


NAMES = {
    "one exact match": ([(A, "Pilot")], ""),
    "one exact match among other spellings": ([(A, "Pilot"), (B, "PILOT")], ""),
    "no group of that name": ([], "is not in the directory"),
    "only another spelling": (
        [(A, "PILOT")],
        f"exactly 'Pilot'; the directory has 'PILOT' with id {A}",
    ),
    "several of that name": (
        [(A, "Pilot"), (B, "Pilot")],
        f"2 groups are named 'Pilot': 'Pilot' with id {A}; 'Pilot' with id {B}",
    ),
}


@pytest.mark.parametrize("case", NAMES.values(), ids=NAMES.keys())
def test_a_name(case: tuple[list[tuple[str, str]], str]) -> None:
    hits, problem = case
    made = resolved(sms(Named("Pilot", place=HERE)), Directory(by_name={"Pilot": tuple(hits)}))
    if problem:
        [error] = made.errors
        assert problem in error.message
        assert (error.rule, error.source) == ("group-not-resolved", HERE)
    else:
        assert made.errors == ()
        assert made.groups == {"Pilot": A}
        assert made.desired.resources[0].tree["excludeTargets"] == [group(A)]


def test_every_name_that_fails_is_reported_once() -> None:
    made = resolved(sms(Named("X"), Named("Y"), Named("X")), Directory())
    assert [error.message.split("'")[1] for error in made.errors] == ["X", "Y"]


def test_an_id_beside_a_name_decides_and_a_renamed_group_is_reported_once() -> None:
    pinned = Named("Old name", A, HERE)
    made = resolved(sms(pinned, pinned), Directory(names={A: "New name"}))
    assert made.desired.resources[0].tree["excludeTargets"] == [group(A), group(A)]
    [finding] = made.findings
    assert (finding.rule, finding.level, finding.source) == ("group-renamed", "warning", HERE)
    assert made.groups == {}


def test_a_name_with_an_id_is_not_looked_up_and_unknown_ids_are_left() -> None:
    assert group_names([sms(Named("a"), Named("b", B), A)]) == {"a"}
    assert resolved(sms(Named("b", B)), Directory(readable=False)).errors == ()


def test_ids_are_found_at_any_depth_without_everyone_and_nobody() -> None:
    tree = {"x": [{"y": {"includeTarget": group(A)}}, ALL, NOBODY], "z": group(Named("n", B))}  # type: ignore[arg-type]
    assert target_ids(tree, {"id": "not a target"}) == {A, B}


EXTERNALS = {
    "a name that is unique": ([("Duo", A)], ["Duo"], ""),
    "a name that two methods have": ([("Duo", A), ("Duo", B)], ["Duo"], "matches"),
    "an id": ([("Duo", A), ("Duo", B)], [A.upper()], ""),
    "a name and an id of one method": ([("Duo", A)], ["Duo", A], "are the same"),
}


@pytest.mark.parametrize("case", EXTERNALS.values(), ids=EXTERNALS.keys())
def test_an_external_method_by(case: tuple[list[tuple[str, str]], list[str], str]) -> None:
    live, keys, problem = case
    items = read(*(external(id_, name) for name, id_ in live))
    declared = [Declared("External", {"state": "enabled"}, {}, key) for key in keys]
    errors = resolve(file_of(declared), Directory(), items).errors
    assert [error.rule for error in errors] == (["external-ambiguous"] if problem else [])
    assert all(problem in error.message for error in errors)


def fido2(**tree: Any) -> Declared:
    return Declared("Fido2", tree, {})


LIVE = {"id": A, "name": "Live", "passkeyTypes": "synced"}


def tenant_with_profile() -> Observed:
    return read({"id": "Fido2", "passkeyProfiles": [LIVE]})


def profile_ids(resolution: Resolution) -> dict[str, str]:
    tree = resolution.desired.resources[0].tree
    return {profile["name"]: profile["id"] for profile in tree["passkeyProfiles"]}


def test_a_profile_has_the_written_id_else_the_live_one_else_a_derived_one() -> None:
    declared = fido2(passkeyProfiles=[{"name": "Live"}, {"name": "Own", "id": B}, {"name": "New"}])
    made = resolved(declared, Directory(), tenant_with_profile())
    ids = profile_ids(made)
    assert (ids["Live"], ids["Own"]) == (A, B)
    assert made.desired.resources[0].chosen == {ids["New"]}
    assert profile_ids(resolved(declared, Directory(), tenant_with_profile())) == ids


def test_a_derived_id_is_the_tenants_own() -> None:
    declared = fido2(passkeyProfiles=[{"name": "New"}])
    here = profile_ids(resolve(file_of([declared]), Directory(), read()))
    there = profile_ids(resolve(file_of([declared], OTHER_TENANT), Directory(), read()))
    assert here["New"] != there["New"]


def test_a_target_refers_to_a_profile_by_name_or_id() -> None:
    names = [ProfileName("Live"), ProfileName(A.upper()), ProfileName("New")]
    target = {"targetType": "group", "id": "all_users", "allowedPasskeyProfiles": names}
    declared = fido2(includeTargets=[target], passkeyProfiles=[{"name": "New"}])
    made = resolved(declared, Directory(), tenant_with_profile())
    new = profile_ids(made)["New"]
    [entry] = made.desired.resources[0].tree["includeTargets"]
    assert entry["allowedPasskeyProfiles"] == [A, A, new]


def test_an_unknown_profile_is_an_error_that_lists_the_known_ones() -> None:
    target = {"targetType": "group", "id": "all_users"}
    allowed = [ProfileName("Lvie", HERE)]
    declared = fido2(includeTargets=[{**target, "allowedPasskeyProfiles": allowed}])
    [error] = resolved(declared, Directory(), tenant_with_profile()).errors
    assert (error.rule, error.source) == ("unknown-passkey-profile", HERE)
    assert "'Live'" in error.message


C1, C2 = "5a5a5a5a-0000-4000-8000-0000000000c1", "5a5a5a5a-0000-4000-8000-0000000000c2"


def twins() -> Observed:
    """A tenant with two profiles of one name."""
    profiles = [{"id": id_, "name": "Keys"} for id_ in (C1, C2)]
    return read({"id": "Fido2", "passkeyProfiles": profiles})


def test_of_two_profiles_of_one_name_either_is_found_by_its_id() -> None:
    for id_ in (C1, C2, C2.upper()):
        target = {**ALL, "allowedPasskeyProfiles": [ProfileName(id_, HERE)]}
        made = resolved(Declared("Fido2", {"includeTargets": [target]}, {}), Directory(), twins())
        assert made.errors == ()
        [entry] = made.desired.resources[0].tree["includeTargets"]
        assert entry["allowedPasskeyProfiles"] == [id_.lower()]


def test_of_two_profiles_of_one_name_none_is_picked_by_it() -> None:
    target = {**ALL, "allowedPasskeyProfiles": [ProfileName("Keys", HERE)]}
    for tree in ({"includeTargets": [target]}, {"passkeyProfiles": [{"name": "Keys"}]}):
        made = resolved(Declared("Fido2", tree, {}), Directory(), twins())
        [error] = made.errors
        assert error.rule == "passkey-profile-ambiguous"
        assert C1 in error.message
        assert C2 in error.message


def test_an_id_beside_the_name_says_which_of_two_profiles_is_meant() -> None:
    declared = Declared("Fido2", {"passkeyProfiles": [{"name": "Keys", "id": C2}]}, {})
    made = resolved(declared, Directory(), twins())
    assert made.errors == ()
    assert profile_ids(made) == {"Keys": C2}


def test_a_group_that_a_rollout_repeats_is_a_target_once() -> None:
    """By its name and by its id; with other properties both stay, and a plan refuses that."""
    once = sms(A.upper(), Named("Pilot", A), B, Named("Pilot", A))
    policy = replace(
        file_of([once]), rolled=(Rolled("Sms", ("excludeTargets",), "slow", single=False),)
    )
    [found] = resolve(policy, Directory(), read()).desired.resources
    assert [each["id"] for each in found.tree["excludeTargets"]] == [A.upper(), B]
    assert len(resolved(once, Directory()).desired.resources[0].tree["excludeTargets"]) == 4
    once.tree["excludeTargets"][1]["isUsableForSignIn"] = True
    [kept] = resolve(policy, Directory(), read()).desired.resources
    assert len(kept.tree["excludeTargets"]) == 3
