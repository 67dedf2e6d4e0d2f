"""What is observed, written as a policy file: the inverse of `declare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, METHODS, Resource
from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.catalogue.values import canonical, identity
from graphpolicy.diff import CONFIGURATIONS, home
from graphpolicy.model import EVERYONE, NOBODY, POLICY, Directory, Json, Observed, Tenant, Version
from graphpolicy.policyfile.dump import OneLine, dump
from graphpolicy.policyfile.pointers import METHODS_AT, title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.strict_yaml.quoting import show
from graphpolicy.policyfile.writable import is_text, without_mistakes
from graphpolicy.records import dataclass
from graphpolicy.rules import LEGACY_PASSKEY

HEADER = """\
# yaml-language-server: $schema=policy.schema.json
# What Graph answered for {name}. Delete what is not to be managed.
"""
LEFT_OUT = "Left out, for a file can't say what the tenant has there, or validate would refuse it:"
UNKNOWN = "Not known to this release, and so not in here:"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A policy file, and the settings that the tenant has and the file can't say."""

    text: str
    left_out: tuple[str, ...]


def policy_yaml(
    tenant: Tenant, observed: Observed, directory: Directory, unknown: Iterable[str] = ()
) -> Pulled:
    """A policy file that declares everything modelled that the tenant returned.

    It validates, and planning it against the same tenant finds nothing. Nulls are left out; so is
    what the language can't say, which a comment at the top lists, as another does what is
    `unknown` to this release.
    """
    writer = Writer(observed, directory)
    policy = writer.properties(AUTHENTICATION_METHODS_POLICY, tenant, observed.documents, (POLICY,))
    methods: dict[str, Json] = {}
    for row in METHODS:
        for key, documents in writer.configurations(row):
            at = (*METHODS_AT, row.id, *([key] if row is EXTERNAL else []))
            data = writer.properties(row, tenant, documents, at)
            if not data:
                continue
            if row is EXTERNAL:
                methods.setdefault(EXTERNAL.id, {})[key] = data
            else:
                methods[row.id] = data
    head: dict[str, Json] = {"name": tenant.name, "id": tenant.id}
    if tenant.cloud != "global":
        head["cloud"] = tenant.cloud
    document, wrong = without_mistakes(
        {"version": 1, "tenant": head, POLICY: {**policy, CONFIGURATIONS: methods}}
    )
    left_out = tuple(sorted({title(pointer) for pointer in (*writer.left_out, *wrong)}))
    comments = _comment(LEFT_OUT, left_out) + _comment(UNKNOWN, unknown)
    text = HEADER.format(name=tenant.name) + comments + dump(document)
    return Pulled(text, left_out)


def _comment(lead: str, items: Iterable[str]) -> str:
    lines = "".join(f"# - {show(item, 200)}\n" for item in items)
    return f"#\n# {lead}\n{lines}" if lines else ""


class Writer:
    """Graph's shape to the language's, with the names that the tenant gives."""

    def __init__(self, observed: Observed, directory: Directory) -> None:
        self.observed = observed
        self.directory = directory
        self.left_out: list[Pointer] = []
        self.profiles = _profile_names(observed)
        self.known_profiles = {str(p.get("id")).casefold() for p in _profiles(observed)}

    def configurations(
        self, row: Resource
    ) -> Iterator[tuple[str, Mapping[Version, Mapping[str, Json]]]]:
        """Each live configuration of a row, by the key that a file gives it."""
        found: dict[str, dict[Version, Mapping[str, Json]]] = {}
        for version, document in self.observed.documents.items():
            for item in document.get(CONFIGURATIONS) or ():
                if _is_of(row, item):
                    found.setdefault(str(item.get("id")), {})[version] = item
        names = {id_: _display_name(documents) for id_, documents in found.items()}
        taken = Counter([*names.values(), *found])
        for id_, documents in found.items():
            name = names[id_]
            usable = row is EXTERNAL and name and taken[name] == 1 and is_text(name)
            yield (name if usable else id_), documents

    def properties(
        self,
        row: Resource,
        tenant: Tenant,
        documents: Mapping[Version, Mapping[str, Json]],
        at: Pointer,
    ) -> dict[str, Json]:
        """The settings of one resource, each from the version that has it whole."""
        result: dict[str, Json] = {}
        for property_ in row.properties:
            live = documents.get(home(row, property_, tenant.cloud), {})
            if not self.superseded(row, property_, live):
                result |= self.members([property_], live, at)
        return result

    def superseded(self, row: Resource, property_: Property, live: Mapping[str, Json]) -> bool:
        """Of the old and the new passkey settings only one kind is written."""
        if row.id != "Fido2":
            return False
        profiles = bool(live.get("passkeyProfiles"))
        return property_.name in LEGACY_PASSKEY if profiles else property_.name == "passkeyProfiles"

    def members(
        self, rows: Iterable[Property], entry: Mapping[str, Json], at: Pointer
    ) -> dict[str, Json]:
        """Those of the settings that an object has, without what can't be written."""
        result: dict[str, Json] = {}
        for row in rows:
            if entry.get(row.name) is not None:
                here = (*at, row.name)
                shaped = isinstance(entry[row.name], _shape(row.kind))
                value = self.value(row.kind, entry[row.name], here) if shaped else None
                if value is not None:
                    result[row.name] = value
                elif not shaped or (isinstance(row.kind, _LOSSY) and entry[row.name]):
                    self.left_out.append(here)
        return result

    def value(self, kind: Kind, value: Json, at: Pointer) -> Json:
        """One value in the language's shape; None for what it has no words for."""
        match kind:
            case Object(members=members):
                return self.members(members, value, at) or None
            case Enum(members=names):
                spelled = canonical(kind, value)
                return spelled if spelled in names else None
            case Flags(members=names):
                parts = canonical(kind, value)
                known = all(part in names for part in parts)
                return [name for name in names if name in parts] or None if known else None
            case ProfileRef():
                return self.profile(value)
            case ProfileRefs():
                profiles = [self.profile(item) for item in value]
                return None if None in profiles else profiles
            case Target(nobody=nobody):
                return "none" if nobody and value.get("id") == NOBODY else self.target(kind, value)
            case Targets() | Collection():
                return self.entries(kind, value, at)
            case _:
                return value if not isinstance(value, str) or (value and is_text(value)) else None

    def entries(self, kind: Targets | Collection, value: Json, at: Pointer) -> Json:
        """A collection, each entry once; None where one stands in it twice, and differently."""
        by_identity: dict[Json, Json] = {}
        for entry in value:
            if by_identity.setdefault(identity(kind, entry), entry) != entry:
                self.left_out.append(at)
                return None
        unique = by_identity.values()
        if isinstance(kind, Targets):
            return [self.target(kind, entry, at) for entry in unique]
        if not kind.key:
            return [self.members(kind.members, entry, at) for entry in unique]
        named: dict[str, Json] = {}
        for entry in unique:
            name = str(entry.get(kind.key))
            rest = [row for row in kind.members if row.name != kind.key]
            if name in self.profiles.values():
                named[name] = self.members(rest, entry, (*at, name))
            else:
                self.left_out.append((*at, name))
        return named or None

    def target(self, kind: Target | Targets, entry: Mapping[str, Json], at: Pointer = ()) -> Json:
        """A target in its shortest form, a group with its name."""
        id_, type_ = entry.get("id"), entry.get("targetType", "group")
        rows = kind.members if isinstance(kind, Targets) else ()
        said = [row for row in rows if row.absent is None or entry.get(row.name) != row.absent]
        properties = self.members(said, entry, at)
        if id_ == EVERYONE and type_ == "group":
            return OneLine({"group": EVERYONE, **properties}) if properties else EVERYONE
        name = self.directory.names.get(str(id_).casefold()) if type_ == "group" else None
        if name and name != EVERYONE and is_text(name):
            reference = {"group": name, "id": id_}
        elif type_ in ("role", "administrativeUnit"):
            reference = {type_: id_}
        else:
            reference = {"id": id_} if type_ == "group" else {"id": id_, "targetType": type_}
        return OneLine({**reference, **properties})

    def profile(self, id_: Json) -> Json:
        """The name of a passkey profile, or its id where the name would not tell it.

        None for one that the tenant does not have: a plan could not tell whose name that is.
        """
        folded = str(id_).casefold()
        return self.profiles.get(folded, id_) if folded in self.known_profiles else None


_LOSSY = (Enum, Flags, Text, ProfileRef, ProfileRefs)
"""Kinds some of whose values the language has no words for."""


def _shape(kind: Kind) -> type:
    """What Graph has for a kind: all else is nothing that could be written."""
    match kind:
        case Object() | Target():
            return dict
        case Targets() | Collection() | Strings() | ProfileRefs():
            return list
        case Bool():
            return bool
        case Int():
            return int
        case _:
            return str


def _is_of(row: Resource, item: Mapping[str, Json]) -> bool:
    if row is EXTERNAL:
        return str(item.get("@odata.type", "")).endswith(row.type)
    return str(item.get("id", "")).casefold() == row.id.casefold()


def _display_name(documents: Mapping[Version, Mapping[str, Json]]) -> str:
    return next(
        (name for item in documents.values() if isinstance(name := item.get("displayName"), str)),
        "",
    )


def _profile_names(observed: Observed) -> dict[str, str]:
    """The names of passkey profiles by folded id, those that tell one profile from the others."""
    names = {str(p.get("id")).casefold(): str(p.get("name") or "") for p in _profiles(observed)}
    taken = Counter([*names.values(), *names])
    return {id_: name for id_, name in names.items() if name and taken[name] == 1 and is_text(name)}


def _profiles(observed: Observed) -> Iterator[Mapping[str, Json]]:
    for document in observed.documents.values():
        for item in document.get(CONFIGURATIONS) or ():
            yield from item.get("passkeyProfiles") or ()
