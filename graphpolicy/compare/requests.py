"""Differences to PATCH requests: which version, which body, in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphpolicy.catalogue.kinds import Property
from graphpolicy.catalogue.values import canonical, overlay, sendable
from graphpolicy.compare.diff import Comparison, Difference, for_everyone
from graphpolicy.model import EVERYONE, POLICY, Json, Request, Version
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import walk

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
        resource = self.comparison.resource
        elsewhere = next(iter(documents.values()))
        live = documents.get(self.version, elsewhere)
        alone = self.differences[0].path[1] if self.alone else ""
        body: dict[str, Json] = {}
        if resource.id != POLICY:  # the policy itself is no derived type (Graph: its update page)
            body["@odata.type"] = f"#microsoft.graph.{resource.type}"
        for name in self.tops:
            row = _row(resource.properties, name)
            before = live.get(name, elsewhere.get(name))
            body[name] = sendable(
                row.kind, overlay(row.kind, before, self.comparison.wanted[name]), alone
            )
        # The id as this version spells it: Microsoft's pages write one id in several cases.
        id_ = live.get("id", self.comparison.id)
        return Request(
            self.comparison.id,
            self.version,
            POLICY_URL if resource.id == POLICY else f"{CONFIGURATIONS_URL}/{id_}",
            body,
            tuple(".".join(difference.path) for difference in self.differences),
            self.comparison.declared.title,
        )

    def asks_for_everyone(self, documents: Mapping[Version, Mapping[str, Json]]) -> bool:
        """Whether a feature that is sent alone would be on for everyone."""
        top, name = self.differences[0].path[:2]
        live = documents.get(self.version, {}).get(top)
        row = _row(self.comparison.resource.properties, top)
        return for_everyone(overlay(row.kind, live, self.comparison.wanted[top])[name])

    @property
    def rank(self) -> int:
        """When to send it: what lets people in before what shuts people out."""
        ranks = {difference.path: _direction(difference) for difference in self.differences}
        if ("state",) in ranks:
            return ranks["state",]
        only = set(ranks.values()) - {NEUTRAL}
        return only.pop() if len(only) == 1 else NEUTRAL


def writes(comparisons: Sequence[Comparison]) -> tuple[Write, ...]:
    """The requests of a plan, in the order in which they are sent."""
    found = [write for comparison in comparisons for write in _of(comparison)]
    return tuple(sorted(found, key=lambda write: (write.alone, write.rank)))


def blocked(request: Request) -> bool:
    """Whether a body would write back a value that this version of Graph would not show."""
    texts = (value for _, value in walk(request.body) if isinstance(value, str))
    return any(FUTURE in text.split(",") for text in texts)


def _of(comparison: Comparison) -> list[Write]:
    """A resource's requests: one, or as many as Graph makes necessary."""
    together = [d for d in comparison.differences if not d.alone]
    alone = [d for d in comparison.differences if d.alone]
    groups: list[tuple[Version, list[Difference]]] = []
    if comparison.resource.id == POLICY:
        for top in dict.fromkeys(difference.top for difference in together):
            own = [difference for difference in together if difference.top == top]
            groups.append((own[0].home, own))
    elif together:
        api: Version = "beta" if any(d.home == "beta" for d in together) else "v1.0"
        rows = comparison.resource.properties
        unfit = [d for d in together if d.home != api and _row(rows, d.top).api == d.home]
        groups.append((api, [difference for difference in together if difference not in unfit]))
        groups.append(("v1.0", unfit))
    found = [Write(comparison, api, tuple(own), alone=False) for api, own in groups if own]
    if alone:
        found.append(Write(comparison, alone[0].home, tuple(alone), alone=True))
    return found


def _direction(difference: Difference) -> int:
    """Whether one change lets people in, shuts people out, or neither.

    Only what decides over a method itself counts, not its features.
    """
    kind = difference.row.kind
    after = canonical(kind, difference.after)
    match difference.path:
        case ("state",):
            return WIDENS if after == "enabled" else NARROWS
        case ("policyMigrationState",):  # then the legacy policies let nobody in any more
            return NARROWS if after == "migrationComplete" else WIDENS
        case ("includeTargets",) | ("excludeTargets",):
            old = {target["id"] for target in canonical(kind, difference.before)}
            new = {target["id"] for target in after}
            if difference.path == ("excludeTargets",):
                old, new = new, old
            if old == new or EVERYONE in old & new:
                return NEUTRAL
            if EVERYONE in old | new:
                return WIDENS if EVERYONE in new else NARROWS
            return WIDENS if old < new else NARROWS if new < old else NEUTRAL
    return NEUTRAL


def _row(rows: Iterable[Property], name: str) -> Property:
    return next(row for row in rows if row.name == name)
