"""What a tenant has in the language of policy files: the inverse of `declare`, value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

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
from graphpolicy.catalogue.values import canonical, identity, same, target_type
from graphpolicy.compare.diff import CONFIGURATIONS
from graphpolicy.model import EVERYONE, NOBODY, Directory, Json, Observed
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.dump import OneLine, line
from graphpolicy.policyfile.pointers import title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import shown


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A live value that is not in a pulled file: the rule that it would break, why, the way out."""

    at: Pointer
    rule: str
    why: str
    fix: str

    @property
    def title(self) -> str:
        return title(self.at)


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: half a character can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Language:
    """Graph's shape to the language's, with the names that the tenant gives.

    `left_out` collects what the language can't say.
    """

    def __init__(self, observed: Observed, directory: Directory) -> None:
        self.directory = directory
        self.left_out: list[LeftOut] = []
        self.profiles = _profile_names(observed)
        self.known_profiles = {str(p.get("id")).casefold() for p in _profiles(observed)}

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
                    self.left_out.append(LeftOut(here, *self.why(row, entry[row.name])))
        return result

    def why(self, row: Property, value: Json) -> tuple[str, str, str]:
        """Why the language cannot express a value: the rule, the reason, the way out."""
        match row.kind:
            case ProfileRef() | ProfileRefs():
                ids = value if isinstance(value, list) else [value]
                strange = next((id_ for id_ in ids if self.profile(id_) is None), value)
                why = f"the tenant has no passkey profile {shown(strange)}, which is referred to"
                fix = "take that profile out in the portal, and pull again"
                known = [name for name in map(self.profile, ids) if name is not None]
                if isinstance(row.kind, ProfileRefs) and known:
                    fix = f"write {line({row.name: known})[1:-1]}, and apply it"
                return "unknown-passkey-profile", why, fix
            case Enum() | Flags():
                why = f"this release does not know the value {shown(value)}"
                return "bad-value", why, "install a newer graphpolicy, or leave it to the portal"
            case Text():
                why = "it is a text that holds half a character, which no file can"
                return "bad-format", why, "write it anew in the portal, and pull again"
        why = f"the tenant has {shown(value)}, which is of another type than Graph documents"
        return "wrong-type", why, "pull again; where it stays so, leave it to the portal"

    def value(self, kind: Kind, value: Json, at: Pointer) -> Json:
        """One value in the language's shape; None where the language cannot express it."""
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
                profiles = list(dict.fromkeys(map(self.profile, value)))
                return None if None in profiles else profiles
            case Strings():
                return list({str(item).casefold(): item for item in reversed(value)}.values())[::-1]
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
            first = by_identity.setdefault(identity(kind, entry), entry)
            if not same(kind, [first], [entry]):
                self.left_out.append(LeftOut(at, *self.twice(kind, value, entry, at)))
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
                why = (
                    f"no other profile may be called {shown(name)}, nor may a profile have no name"
                )
                fix = "give it a name of its own in the portal, and pull again"
                left = LeftOut((*at, name), "passkey-profile-ambiguous", why, fix)
                self.left_out.append(left)
        return named or None

    def twice(
        self, kind: Targets | Collection, value: Json, entry: Mapping[str, Json], at: Pointer
    ) -> tuple[str, str, str]:
        """The rule that an entry breaks which stands there twice, why, and what to write."""
        which = ", ".join(str(part) for part in identity(kind, entry) if part is not None)
        if isinstance(kind, Collection) and kind.identity == ("priority",):
            said = [
                {**self.members(kind.members, each, at), "priority": number}
                for number, each in enumerate(sorted(value, key=_priority), 1)
            ]
            rule, why = "binding-priority", f"two of its entries have the priority {which}"
            fix = "give each a priority of its own, and apply it"
        else:
            once = {identity(kind, each): each for each in reversed(value)}
            said = self.entries(kind, list(once.values())[::-1], at)
            rule, why = "duplicate-entry", f"{which} stands in it twice, with different properties"
            fix = "keep the one that is meant, and apply it"
        return rule, why, f"{fix}, as in {line({str(at[-1]): said})[1:-1]}"

    def target(self, kind: Target | Targets, entry: Mapping[str, Json], at: Pointer = ()) -> Json:
        """A target in its shortest form, a group with its name."""
        id_, type_ = entry.get("id"), target_type(entry)
        rows = kind.members if isinstance(kind, Targets) else ()
        said = [row for row in rows if row.absent is None or entry.get(row.name) != row.absent]
        properties = self.members(said, entry, at)
        if str(id_).casefold() == EVERYONE and type_ == "group":
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
"""Kinds with values that the language cannot express."""


def _priority(entry: Mapping[str, Json]) -> int:
    return entry.get("priority") or 0


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


def _profile_names(observed: Observed) -> dict[str, str]:
    """The names of passkey profiles by folded id, those that tell one profile from the others."""
    names = {str(p.get("id")).casefold(): str(p.get("name") or "") for p in _profiles(observed)}
    taken = Counter([*names.values(), *names])
    return {id_: name for id_, name in names.items() if name and taken[name] == 1 and is_text(name)}


def _profiles(observed: Observed) -> Iterator[Mapping[str, Json]]:
    for document in observed.documents.values():
        for item in document.get(CONFIGURATIONS) or ():
            found = item.get("passkeyProfiles")
            # Where another method has such a member nobody has looked at its shape.
            yield from (
                (p for p in found if isinstance(p, Mapping)) if isinstance(found, list) else ()
            )
