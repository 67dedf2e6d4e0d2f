"""Differences to requests: which API version, which body, in which order. Pure.

One PATCH for each configuration: Graph applies a body as a whole or refuses it as a whole, so a
method is never left half changed. What Graph may refuse is sent alone, since a 400 refuses the
whole body. Changes that enable or widen are sent before those that disable or narrow: if a run
stops in between, people have too many methods for a while, not too few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set as AbstractSet

from graphpolicy.catalogue.values import canonical, overlay, sendable
from graphpolicy.compare import write_steps
from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.compare.diff import for_everyone
from graphpolicy.compare.documents import Documents
from graphpolicy.compare.listed import listed_by
from graphpolicy.compare.write_steps import NARROWS, NEUTRAL, WIDENS
from graphpolicy.model import EVERYONE, HttpMethod, Json, Path, Request, Resolved, Version
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import mapped, walk

FUTURE = "unknownFutureValue"
PROFILES = "passkeyProfiles"


@dataclass(frozen=True, slots=True)
class Write:
    """A planned request: what is needed to sort it, and to rebuild it from newer documents.

    `whole` are all differences of a method that is sent in two steps, empty otherwise.
    """

    comparison: Comparison
    version: Version
    differences: tuple[Difference, ...]
    alone: bool
    whole: tuple[Difference, ...] = ()

    @property
    def tops(self) -> tuple[str, ...]:
        """The top-level properties that the body carries."""
        return tuple(dict.fromkeys(difference.top for difference in self.differences))

    @property
    def planned(self) -> Request:
        """The request as the plan has it, made from the documents that it read."""
        return self.request(self.comparison.documents)

    def carries(self, path: Path) -> bool:
        """Whether the body has a setting, or an object with it: of a list, a single entry."""
        if not listed_by(self.comparison.resource.at(path[:1])):
            return path[0] in self.tops
        return path[:2] in {difference.path[:2] for difference in self.differences}

    def request(self, documents: Documents) -> Request:
        """The request. Its body is laid over the live documents: it keeps what is not declared."""
        resource = self.comparison.resource
        if resource.created:
            live = documents.get(self.version, {})
            method, url, body = write_steps.shape(self.comparison, self.differences, live)
            return self._request(url, body, method)
        elsewhere = next(iter(documents.values()))
        live = documents.get(self.version, elsewhere)
        alone = self.differences[0].path[1] if self.alone else ""
        ids = given_ids(self.comparison.declared, documents)
        body = {}
        if not resource.single:  # the policy is not a derived type (Graph: its update page)
            body["@odata.type"] = f"#microsoft.graph.{resource.type}"
        for name in self.tops:
            row = resource.at((name,))
            before = live.get(name, elsewhere.get(name))
            wanted = with_ids(self.comparison.wanted[name], ids)
            body[name] = sendable(row.kind, overlay(row.kind, before, wanted), alone)
        # The id as this version spells it: Microsoft's pages differ in upper and lower case.
        id_ = live.get("id", self.comparison.id)
        return self._request(resource.url if resource.single else f"{resource.url}/{id_}", body)

    def _request(self, url: str, body: Mapping[str, Json], method: HttpMethod = "PATCH") -> Request:
        actions = {row.action for row in self.comparison.resource.properties}
        return Request(
            self.comparison.id,
            self.version,
            url,
            body,
            tuple(".".join(difference.path) for difference in self.differences),
            self.comparison.declared.title,
            method,
            creates=method == "POST" and url.rsplit("/", 1)[-1] not in actions,
        )

    def asks_for_everyone(self, documents: Documents) -> bool:
        """Whether a feature that is sent alone would be on for everyone."""
        top, name = self.differences[0].path[:2]
        live = documents.get(self.version, {}).get(top)
        row = self.comparison.resource.at((top,))
        return for_everyone(overlay(row.kind, live, self.comparison.wanted[top])[name])

    @property
    def rank(self) -> int:
        """Its place in the order of requests. The method's own state decides, if it changes."""
        of = self.comparison
        ranks = {each.path: _direction(of, each) for each in self.whole or self.differences}
        if ("state",) in ranks:
            return ranks["state",]
        only = set(ranks.values()) - {NEUTRAL}
        return only.pop() if len(only) == 1 else NEUTRAL


def writes(
    comparisons: Sequence[Comparison], in_use: AbstractSet[str] = frozenset()
) -> tuple[Write, ...]:
    """The requests of a plan, in the order in which they are sent.

    `in_use` are the ids of resources that Graph does not leave empty: what would empty one is sent
    first, so that nothing has been loosened when Graph refuses it. A restriction that ends stands
    just before its resource narrows, so that no other write, which may fail, is between the two.
    """
    order = {comparison.id: number for number, comparison in enumerate(comparisons)}
    found = [write for comparison in comparisons for write in _of(comparison)]

    def place(write: Write) -> tuple[bool, int, int, int]:
        rank, of = write.rank, write.comparison
        if rank == write_steps.EMPTIES and of.id in in_use:
            rank = -1
        own = order[of.id] + 1 if of.resource.created else 0
        narrows = rank in (write_steps.ENDS, NARROWS)
        return write.alone, NARROWS if narrows else rank, own if narrows else 0, rank

    return tuple(sorted(found, key=place))


def blocked(request: Request) -> bool:
    """Whether a body contains `unknownFutureValue`, which hides a value from this API version."""
    texts = (value for _, value in walk(request.body) if isinstance(value, str))
    return any(FUTURE in text.split(",") for text in texts)


def _of(comparison: Comparison) -> list[Write]:
    """The requests for one resource: one if possible."""
    # Each property of the policy itself goes alone, in the version that has it. A method goes in
    # one body, to beta if any of its settings needs that; a setting that only v1.0 has follows in
    # a second one. Number matching is last and alone: Microsoft enforces it and may answer 400.
    if comparison.resource.created:
        return [
            Write(made, own[0].home, own, alone=False)
            for made, own in write_steps.steps(comparison)
        ]
    together = [d for d in comparison.differences if not d.alone]
    alone = [d for d in comparison.differences if d.alone]
    groups: list[tuple[Version, list[Difference]]] = []
    whole: tuple[Difference, ...] = ()
    if comparison.resource.single:
        for top in dict.fromkeys(difference.top for difference in together):
            own = [difference for difference in together if difference.top == top]
            row = comparison.resource.at((top,))
            groups.append((row.written_to or own[0].home, own))
    elif together:
        api: Version = "beta" if any(d.home == "beta" for d in together) else "v1.0"
        resource = comparison.resource
        unfit = [d for d in together if d.home != api and resource.at((d.top,)).api == d.home]
        fit = [difference for difference in together if difference not in unfit]
        later = _later(comparison, fit)
        whole = tuple(fit) if later else ()
        groups += [(api, [each for each in fit if each not in later]), (api, later)]
        groups.append(("v1.0", unfit))
    found = [
        Write(comparison, api, tuple(own), alone=False, whole=whole) for api, own in groups if own
    ]
    if alone:
        found.append(Write(comparison, alone[0].home, tuple(alone), alone=True))
    return found


def _later(comparison: Comparison, fit: Sequence[Difference]) -> list[Difference]:
    """What is sent only when Graph shows the new passkey profiles that it refers to."""
    # Microsoft does not say who chooses the id of a new profile. If Graph does, a reference to our
    # id in the same body would lead nowhere. The method is not switched on before its targets.
    new = comparison.declared.chosen - _profile_ids(comparison.documents).keys()

    def refers(value: Json) -> bool:
        return any(isinstance(each, str) and each in new for _, each in walk(value))

    found = [each for each in fit if each.path != (PROFILES,) and refers(each.after)]
    on = [each for each in fit if each.path == ("state",) and each.after == "enabled"]
    return [*on, *found] if found else []


def given_ids(declared: Resolved, documents: Documents) -> dict[str, str]:
    """The ids that Graph gave to new passkey profiles, by the ids that we sent; paired by name."""
    live = _profile_ids(documents)
    by_name = {name: id_ for id_, name in live.items()}
    return {
        profile["id"]: by_name[profile["name"]]
        for profile in declared.tree.get(PROFILES) or ()
        if profile["id"] in declared.chosen - live.keys() and profile["name"] in by_name
    }


def with_ids(value: Json, ids: Mapping[str, str]) -> Json:
    """A value with other ids in place of some."""
    if not ids:
        return value
    return mapped(value, lambda each: ids.get(each, each) if isinstance(each, str) else each)


def _profile_ids(documents: Documents) -> dict[str, str]:
    """The names of live passkey profiles by id."""
    return {
        profile["id"].casefold(): profile["name"]
        for document in documents.values()
        for profile in document.get(PROFILES) or ()
    }


def _direction(comparison: Comparison, difference: Difference) -> int:
    """Whether one change widens who may use a method, narrows it, or neither.

    Only a method's own state and targets count, not its features.
    """
    if comparison.resource.created:
        return write_steps.direction(comparison, difference)
    kind = difference.row.kind
    after = canonical(kind, difference.after)
    match difference.path:
        case ("state",):
            return WIDENS if after == "enabled" else NARROWS
        case ("policyMigrationState",):  # then the legacy policies no longer apply
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
