"""`announce`: what groups are called in messages to people, as files write it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import EVERYONE, DeclaredSource, Finding, Json, Named
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.tree import walk
from graphpolicy.policyfile.aliases import Groups
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.wording import shown

AT = ("announce", "audiences")


def audiences(layers: Iterable[Layer]) -> dict[str, str]:
    """The words for each group, by its name or id. The last file that has a group counts."""
    return {group: words for layer in layers for group, words in _of(layer).items() if words}


def known_groups(
    groups: Groups, resources: Iterable[DeclaredSource], lists: Iterable[Json]
) -> frozenset[str]:
    """The names of groups in resources, in `groups`, and in lists of people."""
    values = [value for each in resources for _, value in walk(each.tree)]
    entries = [entry for each in lists if isinstance(each, list) for entry in each]
    return frozenset(
        (
            *(each.name for each in (*groups.meaning.values(), *values) if isinstance(each, Named)),
            *(entry["group"] for entry in entries if entry and "group" in entry),
        )
    )


def unknown_audiences(layers: Iterable[Layer], named: Collection[str]) -> Iterator[Finding]:
    """Words for groups that no file names; `named` are those that some file does."""
    for layer in layers:
        for group in _of(layer):
            if group in (EVERYONE, *named) or re.fullmatch(GUID, group):
                continue
            message = f"announce.audiences has words for {shown(group)}, which no target names"
            near = question(group, named)
            fix = near or "write the group's name or id as the tenant has it, or remove the line"
            at = (*AT, group)
            found = finding(layer.document, at, "audience-unknown", message, fix, at_key=True)
            # A base may have words for groups that only other tenants have.
            yield replace(found, level="warning" if near else "note")


def _of(layer: Layer) -> Mapping[str, Json]:
    found = layer.data.get(AT[0])
    found = found.get(AT[1]) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
