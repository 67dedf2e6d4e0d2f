"""A policy that names its groups and profiles plans as the one that has their ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given

from graphpolicy.compare.resolve import group_names, resolve
from graphpolicy.model import Directory, Named, ProfileName
from graphpolicy.plan.digest import digest
from graphpolicy.plan.make import make_plan
from tests.laws.generated import GROUPS, PROFILES, observed, some
from tests.laws.situations import OCCASION, Held, desired, situations

NAMES = {id_: f"Group {id_[-1]}" for id_ in GROUPS}
DIRECTORY = Directory(by_name={name: ((id_, name),) for id_, name in NAMES.items()}, names=NAMES)
REFERENCES = ("allowedPasskeyProfiles", "defaultPasskeyProfile")


def named(value: Any, name: str = "") -> Any:
    """The same with names in place of the ids of groups and profiles."""
    if name in REFERENCES and isinstance(value, str):
        return ProfileName(PROFILES[value])
    if isinstance(value, list):
        return [named(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: named(member, key) for key, member in value.items()}
    if value.get("targetType") == "group" and value["id"] in NAMES:
        result["id"] = Named(NAMES[value["id"]])
    return result


@some
@given(situations())
def test_names_plan_as_ids(situation: tuple[Held, Held]) -> None:
    held, trees = situation
    documents = observed(held)
    by_id = desired(trees)
    by_name = replace(
        by_id,
        resources=tuple(replace(each, tree=named(each.tree)) for each in by_id.resources),
    )
    resolution = resolve(by_name, DIRECTORY, documents)
    profiles = held.get("Fido2", {}).get("passkeyProfiles", ())
    there = {profile["name"] for profile in profiles} | {
        profile["name"] for profile in trees.get("Fido2", {}).get("passkeyProfiles", ())
    }
    missing = {error.rule for error in resolution.errors}
    if missing:
        assert missing == {"unknown-passkey-profile"}
        assert there < set(PROFILES.values())
        return
    assert set(resolution.groups) == group_names(by_name.mentioned)
    plan = make_plan(resolution, documents, DIRECTORY, OCCASION).plan
    plain = make_plan(resolve(by_id, DIRECTORY, documents), documents, DIRECTORY, OCCASION).plan
    assert plan.changes == plain.changes
    assert plan.requests == plain.requests
    # A refused plan has no digest, but what it would bind is still the same.
    assert (digest(plan.bound) == digest(plain.bound)) == (not resolution.groups)
