"""Desired against observed: which settings differ, and which the tenant can't have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

from graphpolicy.catalogue import EXTERNAL, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Kind, Object, Property, Target
from graphpolicy.catalogue.values import canonical, overlay, same
from graphpolicy.model import (
    EVERYONE,
    NOBODY,
    POLICY,
    Cloud,
    Declared,
    Finding,
    Json,
    Level,
    Observed,
    Path,
    Version,
)
from graphpolicy.model.records import dataclass

CONFIGURATIONS = "authenticationMethodConfigurations"
SWITCHES = ("state", "isEnforced", "isEnabled")
"""Members that say whether the rest of their object counts."""

ALWAYS_TOLD = (*SWITCHES, "includeTargets", "excludeTargets")
"""Members that Graph answers of everything that it has: without them nobody knows whether it is on,
or for whom.
"""

NAMED = 5
"""External methods that a message names."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting whose live value does not mean what is declared. `before`, `after` are wire."""

    path: Path
    row: Property
    before: Json
    after: Json
    home: Version
    alone: bool = False

    @property
    def top(self) -> str:
        return self.path[0]


@dataclass(slots=True)
class Comparison:
    """One resource compared. `wanted` is the declared tree without what the tenant can't have.

    `settings` holds, for the digest, every managed setting: (path, desired, observed), canonical.
    """

    resource: Resource
    declared: Declared
    documents: Mapping[Version, Mapping[str, Json]]
    differences: list[Difference] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    wanted: dict[str, Json] = field(default_factory=dict)
    settings: list[tuple[str, Json, Json]] = field(default_factory=list)

    def note(self, rule: str, level: Level, message: str, path: Path, *, fix: str = "") -> None:
        """Add a finding about one setting of this resource."""
        place = self.declared.place(path)
        self.findings.append(Finding(rule, level, message, fix, self.id, ".".join(path), place))

    def bind(self, path: Path, kind: Kind, desired: Json, observed: Json) -> None:
        """Let the digest cover one setting."""
        row = (".".join(path), canonical(kind, desired), canonical(kind, observed))
        self.settings.append(row)

    def before(self, cloud: Cloud) -> dict[str, Json]:
        """What the resource's properties are, declared or not."""
        live = {row.name: self._live(row, cloud) for row in self.resource.properties}
        return {name: document[name] for name, document in live.items() if name in document}

    def after(self, cloud: Cloud) -> dict[str, Json]:
        """What the resource's properties would be once the plan is carried out, declared or not."""
        result = self.before(cloud)
        for row in self.resource.properties:
            if row.name in self.wanted:
                live = result.get(row.name)
                then = overlay(row.kind, live, self.wanted[row.name])
                if not same(row.kind, live, then):  # [] in place of null is no change to judge
                    result[row.name] = then
        return result

    def _live(self, row: Property, cloud: Cloud) -> Mapping[str, Json]:
        """The document to take a property from: of its home if there is one, else of any."""
        elsewhere = next(iter(self.documents.values()), {})
        version = shown_by(self.resource, row, cloud, self.documents)
        return self.documents.get(version, elsewhere)

    @property
    def id(self) -> str:
        """The id as Graph returned it, or what the file calls the resource."""
        for document in self.documents.values():
            return str(document.get("id", self.declared.title))
        return self.declared.title


def home(resource: Resource, row: Property, cloud: Cloud) -> Version:
    """The API version that a property is read from. China has the policy on beta alone."""
    return "beta" if cloud == "china" else resource.home(row)


def shown_by(
    resource: Resource,
    row: Property,
    cloud: Cloud,
    documents: Mapping[Version, Mapping[str, Json]],
) -> Version:
    """The version that shows a property: its home, or another that was read and has it alone."""
    own = home(resource, row, cloud)
    if row.name in documents.get(own, {}):
        return own
    return next((version for version in documents if row.name in documents[version]), own)


def versions_needed(declared: Iterable[Declared], cloud: Cloud) -> tuple[Version, ...]:
    """Which versions must be read: v1.0, and beta where something managed lives in beta alone."""
    if cloud == "china":
        return ("beta",)
    homes = {
        home(RESOURCES[item.resource], row, cloud)
        for item in declared
        for row in RESOURCES[item.resource].properties
        if row.name in item.tree
    }
    return ("v1.0", "beta") if "beta" in homes else ("v1.0",)


def documents_of(declared: Declared, observed: Observed) -> Mapping[Version, Mapping[str, Json]]:
    """The live documents of a resource by version; empty where the tenant has none such."""
    found = {
        version: live_items(declared, document) for version, document in observed.documents.items()
    }
    return {version: items[0] for version, items in found.items() if items}


def live_items(declared: Declared, document: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """What one version's document holds of a resource: several if a display name is not unique."""
    if declared.resource == POLICY:
        return [document]
    resource = RESOURCES[declared.resource]
    items = document.get(CONFIGURATIONS) or ()
    return [item for item in items if matches(declared, resource, item)]


def repeated(declared: Declared, observed: Observed, cloud: Cloud) -> Iterator[Finding]:
    """That an answer holds a resource more than once and differently: the first one counts.

    Where what the file manages differs, nobody can tell whether it is in force.
    """
    for version, document in observed.documents.items():
        first, *others = live_items(declared, document) or [{}]
        if all(other == first for other in others):
            continue
        answers = [_said(declared, version, item, cloud) for item in (first, *others)]
        unclear = sorted({path for one in answers for path, _ in one ^ answers[0]})
        which = ", but not in what the file manages"
        if unclear:
            which = f" in {', '.join(unclear)}, which the file manages"
        yield Finding(
            "method-repeated",
            "error" if unclear else "warning",
            f"Graph {version} answers with {declared.title} {len(others) + 1} times, and "
            f"differently{which}; this plan goes by the first",
            "run it again; if it stays, compare with the portal and report it to Microsoft",
            declared.title,
            source=declared.place(()),
        )


def _said(
    declared: Declared, version: Version, item: Mapping[str, Json], cloud: Cloud
) -> frozenset[tuple[str, str]]:
    """What one answer says of the settings that a file manages: (path, what it comes to)."""
    made = compare(declared, {version: item}, cloud)
    return frozenset(
        [
            *((path, repr(observed)) for path, _, observed in made.settings),
            *((found.path, f"{found.level} {found.rule}") for found in made.findings),
        ]
    )


def matches(declared: Declared, resource: Resource, item: Mapping[str, Json]) -> bool:
    """Whether a live configuration is what a file declares under its id, or under its name."""
    if resource is not EXTERNAL:
        return str(item.get("id", "")).casefold() == resource.id.casefold()
    external = str(item.get("@odata.type", "")).endswith(resource.type)
    return external and (
        item.get("displayName") == declared.name
        or str(item.get("id", "")).casefold() == str(declared.name).casefold()
    )


def compare(
    declared: Declared,
    documents: Mapping[Version, Mapping[str, Json]],
    cloud: Cloud,
    others: Mapping[str, bool] = MappingProxyType({}),
) -> Comparison:
    """Every declared setting of one resource against its live documents.

    `declared` must be resolved: ids in place of names. `others` are the external methods
    that no entry names, and whether each is on.
    """
    resource = RESOURCES[declared.resource]
    result = Comparison(resource, declared, documents)
    if not documents and resource is EXTERNAL:
        _not_found(result, others)
        return result
    if not documents:
        _not_offered(result, declared.tree, ())
        return result
    for row in resource.properties:
        if row.name in declared.tree:
            version = shown_by(resource, row, cloud, documents)
            live = documents.get(version, {})
            _walk(result, row, live, declared.tree, (), version=version, wanted=result.wanted)
    return result


def _walk(
    result: Comparison,
    row: Property,
    container: Mapping[str, Json],
    tree: Mapping[str, Json],
    above: Path,
    *,
    version: Version,
    wanted: dict[str, Json],
) -> None:
    """Compare one property of `container`, opening objects; adds what can be had to `wanted`."""
    path, live, declared = (*above, row.name), container.get(row.name), tree[row.name]
    if row.enforced and _settled_by_enforcement(result, row, live, declared, path):
        return
    if row.null_is and live is None:
        _fixed_null(result, row, declared, path)
        return
    if row.name not in container and not (isinstance(row.kind, Target) and row.kind.nobody):
        (_not_told if row.name in ALWAYS_TOLD else _not_offered)(result, declared, path)
        return
    if isinstance(row.kind, Object):
        opened = live if live is not None else dict.fromkeys(declared)
        inner: dict[str, Json] = {}
        for member in row.kind.members:
            if member.name in declared:
                _walk(result, member, opened, declared, path, version=version, wanted=inner)
        if inner:
            wanted[row.name] = inner
        return
    wanted[row.name] = declared
    merged = overlay(row.kind, live, declared)
    result.bind(path, row.kind, merged, live)
    if not same(row.kind, live, merged):
        alone = _sent_alone(result.resource, path)
        result.differences.append(Difference(path, row, live, merged, version, alone))


def _settled_by_enforcement(
    result: Comparison, row: Property, live: Json, declared: Json, path: Path
) -> bool:
    """Whether Microsoft's enforcement already settles a declared setting, noted or refused.

    Number matching (Entra how-to-mfa-number-match): enforced for everyone since May 2023. Absent
    from the answer, or there without a state, means enforced. Where it is returned, `default` and
    `enabled` are the same as long as both reach everyone.
    """
    rule, name = "number-matching-enforced", ".".join(path)
    if live is None or live.get("state") is None:
        if for_everyone({"state": "default", **declared}):
            message = f"{name} is enforced by Microsoft for everyone since {row.enforced}"
            result.note(rule, "note", message, path)
        else:
            message = (
                f"{name} can't be less than everyone: Microsoft enforces it since {row.enforced} "
                "and this tenant no longer returns it"
            )
            fix = "remove it from the file, or declare it enabled for all_users"
            result.note(rule, "error", message, path, fix=fix)
        return True
    after = overlay(row.kind, live, declared)
    if not (for_everyone(live) and for_everyone(after)):
        return False
    for member in row.kind.members if isinstance(row.kind, Object) else ():
        if member.name in declared:
            wanted, had = after[member.name], live.get(member.name)
            result.bind((*path, member.name), member.kind, wanted, had)
    if not same(row.kind, live, after):
        message = f"{name} is {live.get('state')} for everyone, which is the same as declared"
        result.note(rule, "note", message, path)
    return True


def for_everyone(feature: Mapping[str, Json]) -> bool:
    """Whether a feature is on, or left to Microsoft, and reaches everyone."""
    include, exclude = feature.get("includeTarget"), feature.get("excludeTarget")
    return (
        str(feature.get("state")).casefold() in ("default", "enabled")
        and (include is None or str(include.get("id")).casefold() == EVERYONE)
        and (exclude is None or exclude.get("id") == NOBODY)
    )


def _sent_alone(resource: Resource, path: Path) -> bool:
    """Whether a path lies in a setting that is sent alone."""
    rows: tuple[Property, ...] = resource.properties
    for name in path:
        row = next(row for row in rows if row.name == name)
        if row.enforced:
            return True
        rows = row.kind.members if isinstance(row.kind, Object) else ()
    return False


def _fixed_null(result: Comparison, row: Property, declared: Json, path: Path) -> None:
    """A null that stands for one value and that writing does not move."""
    if not same(row.kind, declared, row.null_is):
        message = (
            f"{'.'.join(path)} is not kept by this tenant, which counts as {row.null_is}; "
            f"{declared} is not planned"
        )
        result.note("migration-state", "note", message, path, fix="remove it from the file")


def external_methods(observed: Observed, claimed: Iterable[Declared]) -> dict[str, bool]:
    """The external methods of a tenant that no entry of the files names, and whether each is on.

    One of them may be a declared method that somebody gave another name.
    """
    named = [declared for declared in claimed if RESOURCES[declared.resource] is EXTERNAL]
    return {
        f"{str(item.get('displayName'))!r} ({item.get('id')})": item.get("state") != "disabled"
        for document in observed.documents.values()
        for item in document.get(CONFIGURATIONS) or ()
        if str(item.get("@odata.type", "")).endswith(EXTERNAL.type)
        and not any(matches(declared, EXTERNAL, item) for declared in named)
    }


def _not_found(result: Comparison, others: Mapping[str, bool]) -> None:
    """An external method that is not there: it may have another name, under which it is on."""
    tree, on = result.declared.tree, [name for name, is_on in others.items() if is_on]
    if on and not _asks_for_something(tree):
        message = (
            f"this tenant does not offer {result.declared.title}, which is declared off, and has "
            f"{_some(on)} on, which no entry names: it may be the same under another name"
        )
        result.note("not-offered", "error", message, (), fix=_renamed(on))
    else:
        _not_offered(result, tree, (), _renamed(list(others)))


def _renamed(others: Sequence[str]) -> str:
    """What to do about an external method that is not there: it may have another name."""
    if not others:
        return "no other external method is there: remove it from the file, or create it again"
    return (
        f"the tenant has {_some(others)}: if it was renamed, write the new name or the id in the "
        "file; if it was deleted, remove it from the file or create it again"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def _not_told(result: Comparison, declared: Json, path: Path) -> None:
    """Something that is there, of which Graph does not say what the file asks for, on or off."""
    name = ".".join((result.declared.title, *path))
    message = f"Graph answers without {name}: what it is in this tenant is not known"
    if isinstance(declared, str | bool):
        message += f", and the file asks for {str(declared).lower()}"
    fix = "run it again; if it stays, compare with the portal and report it to Microsoft"
    result.note("setting-not-told", "error", message, path, fix=fix)


def _not_offered(result: Comparison, declared: Json, path: Path, fix: str = "") -> None:
    name = ".".join((result.declared.title, *path))
    if _asks_for_something(declared):
        message = f"this tenant does not offer {name}: Graph does not return it"
        fix = fix or "remove it from the file, or ask Microsoft why the tenant lacks it"
        result.note("not-offered", "error", message, path, fix=fix)
    else:
        message = f"this tenant does not offer {name}, which is declared off: nothing to do"
        result.note("not-offered", "note", message, path)


def _asks_for_something(declared: Json) -> bool:
    if isinstance(declared, Mapping):
        for switch in SWITCHES:
            if switch in declared:
                return str(declared[switch]).casefold() in ("enabled", "true")
        if declared.get("id") == NOBODY:
            return False
        return any(_asks_for_something(value) for value in declared.values())
    value = declared.casefold() if isinstance(declared, str) else declared
    return value not in (False, "disabled", "default", [], "", None)
