"""Targets that a rollout repeats, once their ids are known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphpolicy.model import Json, Resolved, Rolled
from graphpolicy.model.tree import member, put


def once(resource: Resolved, rolled: Iterable[Rolled]) -> Resolved:
    """A resource without targets that a rollout repeats: a file may name a group, and give its id.

    Targets with different properties stay, for the finding about two of one group.
    """
    for each in rolled:
        targets = member(resource.tree, *each.path)
        if each.title != resource.title or not isinstance(targets, list):
            continue
        kept = [index for index, one in enumerate(targets) if not _repeats(targets[:index], one)]
        if len(kept) == len(targets):
            continue
        tree = put(resource.tree, each.path, [targets[index] for index in kept])
        places = resource.entries.get(each.path) or (None,) * len(targets)
        entries = {**resource.entries, each.path: tuple(places[index] for index in kept)}
        resource = replace(resource, tree=tree, entries=entries)
    return resource


def _repeats(before: Iterable[Json], target: Json) -> bool:
    def folded(one: Json) -> Json:
        return {**one, "id": str(one["id"]).casefold()}

    return any(folded(one) == folded(target) for one in before)
