"""What a tenant returns and no file declares, compared with a snapshot of the tenant. Pure.

What Graph does not return is not a difference: a member that is missing may be as it was. So a
failed read or an older snapshot makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, LISTED
from graphpolicy.catalogue.kinds import Entries, Object, Property, Resource
from graphpolicy.catalogue.values import as_map
from graphpolicy.compare.conformance import row_of
from graphpolicy.compare.documents import Documents, kind_of, known_as, matches
from graphpolicy.compare.snapshot_values import (
    TIMES,
    alike,
    bare,
    filled_up,
    profile_names,
    rewound,
)
from graphpolicy.model import (
    CONFIGURATIONS,
    Cloud,
    DeclaredSource,
    Hold,
    Json,
    Observed,
    Path,
    Version,
)
from graphpolicy.model.records import dataclass

SKIPPED = TIMES | {CONFIGURATIONS, "id", "policyVersion", "policyType", "requirementsSatisfied"}
"""Members of a resource that identify it, say when it changed, or follow from others."""


@dataclass(frozen=True, slots=True)
class Undeclared:
    """One value that no file declares, and that differs between a tenant and its snapshot.

    `path` is empty for a whole resource that is new or gone. `row` is None for what this release
    does not know. `before` is None if the snapshot lacks it, `after` if the tenant does. `live` is
    the resource around it, as it is, or as it was.
    """

    resource: Resource | None
    id: str
    title: str
    path: Path
    row: Property | None
    before: Json
    after: Json
    live: Mapping[str, Json] = field(compare=False)

    @property
    def turned_on(self) -> bool:
        """Whether a method is on that was off, or that the tenant did not have."""
        if self.resource and not self.resource.is_method:
            return False
        if not self.path:
            return is_on(self.after)
        return (
            self.path == ("state",)
            and is_on({"state": self.after})
            and not is_on({"state": self.before})
        )


@dataclass(frozen=True, slots=True)
class LiveResource:
    """One resource as a tenant has it, with all documents about it."""

    resource: Resource | None
    id: str
    documents: Documents

    @property
    def first(self) -> Mapping[str, Json]:
        return next(iter(self.documents.values()))

    @property
    def name(self) -> str:
        """Its display name, if a tenant may have several of its kind."""
        several = self.resource and self.resource.several
        return str(self.first.get("displayName") or "") if several else ""

    @property
    def title(self) -> str:
        """What a plan calls it: a method's id, an external method's name, else KIND/NAME."""
        if self.resource is None or not self.resource.several:
            return self.resource.id if self.resource else self.id
        name = self.name or self.id
        return f"{self.resource.id}/{name}" if self.resource.by_name else name


def is_on(item: Json) -> bool:
    """Whether a method is on; one without a state is not known to be."""
    state = item.get("state") if isinstance(item, Mapping) else None
    return isinstance(state, str) and state.casefold() != "disabled"


def methods_in_no_file(
    resources: Iterable[DeclaredSource], holds: Iterable[Hold], observed: Observed
) -> Iterator[tuple[LiveResource, bool]]:
    """The methods that are on and whose state no file declares or holds.

    With each: whether the files declare something else of it.
    """
    resources, holds = tuple(resources), tuple(holds)
    for item in items(observed):
        if (item.resource is None or item.resource.is_method) and is_on(item.first):
            mask = _Mask.of(item, resources, holds)
            if not mask.covers(("state",)) and "state" not in mask.tree:
                yield item, bool(mask.tree)


def undeclared(
    resources: Iterable[DeclaredSource],
    holds: Iterable[Hold],
    live: Observed,
    then: Observed,
    cloud: Cloud = "global",
) -> Iterator[Undeclared]:
    """Every difference between a tenant and its snapshot that the files neither declare nor hold.

    A version of the policy, or a list, that only one of the two has is not compared.
    """
    resources, holds = tuple(resources), tuple(holds)
    both = _of_both(live, then), _of_both(then, live)
    profiles = profile_names(both[0]), profile_names(both[1])
    old = list(items(both[1]))
    for item in items(both[0]):
        was = _same(item, old)
        if was is not None:
            old.remove(was)
        mask = _Mask.of(item, resources, holds)
        if mask.covers(()):
            continue
        if was is None and not mask.tree:
            yield _difference(item, (), None, None, item.first)
            continue
        then_documents = was.documents if was else {}
        yield from _Walk(item, then_documents, mask, profiles, cloud).differences()
    for gone in old:
        # Nobody can delete a method of Microsoft's; Graph has only stopped returning it.
        if gone.resource and gone.resource.several:
            mask = _Mask.of(gone, resources, holds)
            if not mask.tree and not mask.covers(()):
                yield _difference(gone, (), None, gone.first, None)


def items(observed: Observed) -> Iterator[LiveResource]:
    """The policy, its methods, and what else a tenant has; without what is built in."""
    policy = AUTHENTICATION_METHODS_POLICY
    if observed.documents:
        yield LiveResource(policy, policy.id, dict(observed.items(policy.root)))
    found: dict[str, dict[Version, Mapping[str, Json]]] = {}
    for version, method in observed.methods:
        found.setdefault(str(method.get("id")).casefold(), {}).setdefault(version, method)
    for documents in found.values():
        first = next(iter(documents.values()))
        yield LiveResource(row_of(first), str(first.get("id")), documents)
    for row in LISTED:
        for version, each in observed.items(row.root):
            if each.get(row.builtin[0]) != row.builtin[1]:
                yield LiveResource(row, str(each.get("id")), {version: as_map(row, each)})


def _of_both(one: Observed, other: Observed) -> Observed:
    """The part of a reading that another reading has, too."""
    documents, lists = other.documents, other.lists
    return Observed(
        {version: each for version, each in one.documents.items() if version in documents},
        {kind: each for kind, each in one.lists.items() if kind in lists},
    )


def _same(item: LiveResource, old: Sequence[LiveResource]) -> LiveResource | None:
    """The same resource in the snapshot: by its id, else one of several by its name."""
    alike = [each for each in old if each.resource is item.resource]
    for each in alike:
        if each.id.casefold() == item.id.casefold():
            return each
    return next((each for each in alike if item.name and each.name == item.name), None)


def _difference(
    item: LiveResource, path: Path, row: Property | None, before: Json, after: Json
) -> Undeclared:
    return Undeclared(item.resource, item.id, item.title, path, row, before, after, item.first)


@dataclass(frozen=True, slots=True)
class _Mask:
    """What is left out of one resource: what files declare of it, and the paths that are held."""

    tree: Mapping[str, Json]
    held: tuple[Path, ...]

    @classmethod
    def of(
        cls, item: LiveResource, resources: Iterable[DeclaredSource], holds: Iterable[Hold]
    ) -> _Mask:
        own = (each for each in resources if _is(each, item))
        tree = next((each.tree for each in own), {})
        held = (
            hold.scope.path
            for hold in holds
            if _is(known_as(kind_of(hold.scope.resource).id, hold.scope.resource), item)
        )
        return cls(tree, tuple(held))

    def covers(self, path: Path) -> bool:
        """Whether a hold covers a setting."""
        return any(path[: len(held)] == held for held in self.held)

    def touches(self, path: Path) -> bool:
        """Whether a hold covers something below a setting."""
        return any(held[: len(path)] == path for held in self.held)


def _is(declared: DeclaredSource, item: LiveResource) -> bool:
    return item.resource is kind_of(declared.resource) and matches(declared, item.first)


@dataclass(frozen=True, slots=True)
class _Part:
    """One object of a resource, live and in the snapshot, and what the files declare of it."""

    live: Mapping[str, Json]
    then: Mapping[str, Json]
    declared: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Goes down the documents of one resource; `profiles` are names, live and in the snapshot."""

    item: LiveResource
    then: Documents
    mask: _Mask
    profiles: tuple[Mapping[str, str], Mapping[str, str]]
    cloud: Cloud

    def differences(self) -> Iterator[Undeclared]:
        """Each setting once: as its own version of Graph shows it, else as another does."""
        resource = self.item.resource
        found: dict[Path, dict[Version, Undeclared]] = {}
        for version, live in self.item.documents.items():
            # A snapshot may lack a version that is read now, or know a setting only in another one.
            then: Json = None
            for other in (version, *self.then):
                then = filled_up(then, self.then.get(other))
            part = _Part(live, then or {}, self.mask.tree)
            for one in self._members(resource.properties if resource else (), part, (), version):
                found.setdefault(one.path, {})[version] = one
        for path, versions in found.items():
            row = resource.property(path[0]) if resource else None
            home = resource.home(row, self.cloud) if resource and row else "v1.0"
            yield versions.get(home) or next(iter(versions.values()))

    def _members(
        self, rows: Sequence[Property], part: _Part, above: Path, version: Version
    ) -> Iterator[Undeclared]:
        for row in rows:
            if row.api in ("both", version):
                yield from self._setting(row, part, (*above, row.name), version)
        known = {row.name for row in rows} | (TIMES if above else SKIPPED)
        for name, value in part.live.items():
            path, before = (*above, name), part.then.get(name)
            if name in known or "@" in name or value is None or self.mask.covers(path):
                continue
            if bare(value) != bare(before):
                yield _difference(self.item, path, None, before, value)

    def _setting(
        self, row: Property, part: _Part, path: Path, version: Version
    ) -> Iterator[Undeclared]:
        live, then, declared = (
            side.get(row.name) for side in (part.live, part.then, part.declared)
        )
        live, then = (row.absent if value is None else value for value in (live, then))
        if live is None or self.mask.covers(path):
            return
        if isinstance(row.kind, Object):
            # An object that is wholly new is one difference, not one for each member.
            if then is not None or declared is not None or self.mask.touches(path):
                inner = _Part(live, then or {}, declared or {})
                yield from self._members(row.kind.members, inner, path, version)
                return
        elif declared is not None and not isinstance(row.kind, Entries):
            return
        before = rewound(row.kind, live, then, declared)
        if not alike(row.kind, live, before, self.profiles):
            yield _difference(self.item, path, row, before, live)
