"""Tenants that were edited in the portal, or that answer in a form that nobody expects.

Each change is of a kind that was seen in real tenants, or that Graph does not rule out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any, TypeAlias

from graphpolicy.model import Observed
from tests.laws.generated import EXTERNAL_NAME, GROUPS, PROFILES

NAMES = (*PROFILES.values(), EXTERNAL_NAME, "New", "new", "it's: #1", "yes", "\ud800", "", "a" * 90)
REFERENCES = ("id", "targetType")
Change: TypeAlias = Callable[[Random, list[Any]], None]


def odd(observed: Observed, seed: int) -> Observed:
    """The same tenant after a few changes, the same in both versions."""
    chance = Random(seed)
    seeds = [chance.random() for _ in range(chance.choice((1, 1, 2, 3, 6)))]
    documents = {}
    for version, document in observed.documents.items():
        changed: Any = deepcopy(document)
        for each in seeds:
            _change(Random(each), changed)
        documents[version] = changed
    lists: Any = {name: deepcopy(list(items)) for name, items in observed.lists.items()}
    for each in seeds:
        if found := _lists([lists]):  # an answer with an entry that lacks its name is not used
            chance = Random(each)
            change = chance.choice((_twice, _gone, _all_gone, _reordered, _recased, _renamed))
            change(chance, chance.choice(found))
    return Observed(documents, lists)


def _change(chance: Random, document: dict[str, Any]) -> None:
    items = document["authenticationMethodConfigurations"]
    if items and chance.random() < 0.15:
        chance.choice((_twice, _reordered, _gone, _recased))(chance, items)
    elif lists := list(_lists([document, *items])):
        chosen = lists[int(chance.random() * len(lists))]
        chance.choice(CHANGES)(chance, chosen)
    if items and chance.random() < 0.1:
        _opted(chance, items)


def _lists(holders: list[Any]) -> list[list[Any]]:
    """Every list in some objects that has an entry, but for the configurations."""
    found = []
    for value in holders:
        members = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, member in members:
            if key == "authenticationMethodConfigurations" or not isinstance(member, dict | list):
                continue
            if isinstance(member, list) and member:
                found.append(member)
            found += _lists([member])
    return found


def _twice(chance: Random, entries: list[Any]) -> None:
    entries.insert(chance.randrange(len(entries) + 1), deepcopy(chance.choice(entries)))


def _twice_otherwise(chance: Random, entries: list[Any]) -> None:
    again = deepcopy(chance.choice(entries))
    if isinstance(again, dict):
        for name, member in again.items():
            if isinstance(member, bool):
                again[name] = not member
            elif name in ("priority", "id"):
                continue
            elif isinstance(member, str) and name not in REFERENCES:
                again[name] = chance.choice(
                    [each[name] for each in entries if isinstance(each, dict) and name in each]
                )
        entries.append(again)
    else:
        entries.append(again.upper())


def _gone(chance: Random, entries: list[Any]) -> None:
    del entries[chance.randrange(len(entries))]


def _all_gone(_chance: Random, entries: list[Any]) -> None:
    entries.clear()


def _reordered(chance: Random, entries: list[Any]) -> None:
    chance.shuffle(entries)


def _recased(chance: Random, entries: list[Any]) -> None:
    at = chance.randrange(len(entries))
    entry = entries[at]
    if isinstance(entry, str):
        entries[at] = entry.upper()
        return
    for name in ("targetType", "id"):
        if isinstance(entry.get(name), str) and entry[name] != "all_users":
            entry[name] = chance.choice((entry[name].upper(), entry[name].capitalize()))


def _renamed(chance: Random, entries: list[Any]) -> None:
    entry = chance.choice(entries)
    if isinstance(entry, dict):
        for name in ("name", "displayName"):
            if name in entry:
                entry[name] = chance.choice(NAMES)


def _exchanged(chance: Random, entries: list[Any]) -> None:
    one, other = chance.choice(entries), chance.choice(entries)
    if isinstance(one, dict):
        for name in ("name", "displayName", "id", "priority", "identifier"):
            if name in one and name in other:
                one[name], other[name] = other[name], one[name]


def _emptied(chance: Random, entries: list[Any]) -> None:
    entry = chance.choice(entries)
    if isinstance(entry, dict):
        for name in sorted(set(entry) - {"name", *REFERENCES}):
            if chance.random() < 0.4:
                entry[name] = None


def _strange(chance: Random, entries: list[Any]) -> None:
    entry = chance.choice(entries)
    if isinstance(entry, str):
        entries.append(chance.choice((*PROFILES, "c0ffee00-0000-4000-8000-0000000000ff")))
    elif "targetType" in entry:
        entry["id"] = chance.choice((*GROUPS, "all_users"))
        entry["targetType"] = chance.choice(("group", "user", "role", "device"))


CHANGES: tuple[Change, ...] = (
    _twice,
    _twice_otherwise,
    _gone,
    _all_gone,
    _reordered,
    _recased,
    _renamed,
    _renamed,
    _exchanged,
    _emptied,
    _strange,
)


def _opted(chance: Random, items: list[Any]) -> None:
    """Into passkey profiles or out of them, in one of the ways in which that may be answered."""
    for item in items:
        if item.get("id") == "Fido2":
            for name in ("passkeyProfiles", "defaultPasskeyProfile"):
                if chance.random() < 0.5:
                    item.pop(name, None)
                else:
                    item[name] = [] if name == "passkeyProfiles" else None
