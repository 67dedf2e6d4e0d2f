"""Differences to PATCH requests: which version, which body, in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import canonical, overlay, sendable
from graphpolicy.diff import Comparison, Difference
from graphpolicy.model import EVERYONE, NOBODY, POLICY, Cloud, Json, Request, Version

POLICY_URL = f"/policies/{POLICY}"
CONFIGURATIONS_URL = f"{POLICY_URL}/authenticationMethodConfigurations"
FUTURE = "unknownFutureValue"

WIDENS, NEUTRAL, NARROWS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Write:
    """A request with what is needed to order it and to build it again from newer documents."""

    comparison: Comparison
    version: Version
    differences: tuple[Difference, ...]
    alone: bool

    @property
    def tops(self) -> tuple[str, ...]:
        """The top-level properties that the body carries."""
        return tuple(dict.fromkeys(difference.top for difference in self.differences))

    def request(self, documents: Mapping[Version, Mapping[str, Json]]) -> Request:
        """The PATCH, its body laid over the given live documents."""
        resource, id_ = self.comparison.resource, self.comparison.id
        live = documents.get(self.version, {})
        home = next(iter(documents.values()))
        body: dict[str, Json] = {}
        if resource.id != POLICY:  # the policy itself is no derived type (Graph: its update page)
            body["@odata.type"] = f"#microsoft.graph.{resource.type}"
        for name in self.tops:
            row = _row(resource.properties, name)
            value = overlay(row.kind, live.get(name, home.get(name)), self.comparison.wanted[name])
            alone = next((d.path[1] for d in self.differences if self.alone), "")
            body[name] = sendable(row.kind, value, alone)
        url = POLICY_URL if resource.id == POLICY else f"{CONFIGURATIONS_URL}/{id_}"
        paths = tuple(".".join(difference.path) for difference in self.differences)
        return Request(id_, self.version, url, body, paths, self.comparison.declared.title)

    @property
    def rank(self) -> int:
        """When to send it: what lets people in before what shuts people out."""
        ranks = {_direction(difference) for difference in self.differences}
        state = next((d for d in self.differences if d.path == ("state",)), None)
        if state is not None:
            return _direction(state)
        only = ranks - {NEUTRAL}
        return only.pop() if len(only) == 1 else NEUTRAL


def writes(comparisons: Sequence[Comparison], cloud: Cloud) -> tuple[Write, ...]:
    """The requests of a plan, in the order in which they are sent."""
    found = [write for comparison in comparisons for write in _of(comparison, cloud)]
    return tuple(sorted(found, key=lambda write: (write.alone, write.rank)))


def blocked(request: Request) -> bool:
    """Whether a body would write back a value that this version of Graph would not show."""
    return FUTURE in _texts(request.body)


def _of(comparison: Comparison, cloud: Cloud) -> list[Write]:
    together = [d for d in comparison.differences if not d.alone]
    alone = [d for d in comparison.differences if d.alone]
    groups: list[tuple[Version, list[Difference]]] = []
    if comparison.resource.id == POLICY:
        for top in dict.fromkeys(difference.top for difference in together):
            own = [difference for difference in together if difference.top == top]
            groups.append((own[0].home, own))
    elif together:
        beta = any(difference.home == "beta" for difference in together)
        api: Version = "beta" if beta else "v1.0"
        rows = comparison.resource.properties
        stay = [
            d for d in together if beta and cloud != "china" and _row(rows, d.top).api == "v1.0"
        ]
        groups.append((api, [difference for difference in together if difference not in stay]))
        groups.append(("v1.0", stay))
    found = [Write(comparison, api, tuple(own), alone=False) for api, own in groups if own]
    if alone:
        found.append(Write(comparison, alone[0].home, tuple(alone), alone=True))
    return found


def _direction(difference: Difference) -> int:
    """Whether one change lets people in, shuts people out, or neither."""
    name = difference.path[-1]
    before, after = (
        canonical(difference.row.kind, v) for v in (difference.before, difference.after)
    )
    if name == "state":
        return WIDENS if after == "enabled" else NARROWS if after == "disabled" else NEUTRAL
    if name == "policyMigrationState":
        return NARROWS if after == "migrationComplete" else WIDENS
    if name in ("includeTargets", "excludeTargets"):
        old, new = ({entry["id"] for entry in side} for side in (before, after))
        if name == "excludeTargets":
            old, new = new, old
        if EVERYONE in new:
            return NEUTRAL if EVERYONE in old else WIDENS
        return NARROWS if old - new else WIDENS if new - old else NEUTRAL
    if name == "excludeTarget":
        return WIDENS if after["id"] == NOBODY else NEUTRAL
    return NEUTRAL


def _row(rows: Iterable[Property], name: str) -> Property:
    return next(row for row in rows if row.name == name)


def _texts(value: Json) -> set[str]:
    if isinstance(value, Mapping):
        return {text for member in value.values() for text in _texts(member)}
    if isinstance(value, list):
        return {text for item in value for text in _texts(item)}
    return set(value.split(",")) if isinstance(value, str) else set()
