"""Turns a tenant's values into the language of policy files: the inverse of `declare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import kinds
from graphpolicy.catalogue.kinds import Kind, Property
from graphpolicy.catalogue.values import canonical, identity, same, target_type
from graphpolicy.model import EVERYONE, NOBODY, Directory, Json, Observed
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.dump import OneLine, line
from graphpolicy.policyfile.pointers import title
from graphpolicy.policyfile.strict_yaml import Pointer
from graphpolicy.policyfile.wording import shown


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A live value that a pulled file omits: the rule that it would break, why, and what to do."""

    at: Pointer
    rule: str
    why: str
    fix: str

    @property
    def title(self) -> str:
        return title(self.at)


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8. Half a character (a lone surrogate) can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Language:
    """Converts Graph's shape to the language's, with the tenant's names of groups and profiles.

    `left_out` collects what the language can't express.
    """

    def __init__(self, observed: Observed, directory: Directory) -> None:
        self.observed = observed
        self.directory = directory
        self.left_out: list[LeftOut] = []
        self.profiles = _profile_names(observed)
        self.known_profiles = {str(p.get("id")).casefold() for p in _profiles(observed)}

    def members(
        self, rows: Iterable[Property], entry: Mapping[str, Json], at: Pointer
    ) -> dict[str, Json]:
        """The settings of an object that are not null, without those that can't be expressed."""
        result: dict[str, Json] = {}
        for row in rows:
            if entry.get(row.name) is not None:
                here = (*at, row.name)
                shaped = isinstance(entry[row.name], _shape(row.kind))
                value = self.value(row.kind, entry[row.name], here) if shaped else None
                if value is not None:
                    result[row.name] = value
                elif not shaped or (_lossy(row.kind) and entry[row.name]):
                    self.left_out.append(LeftOut(here, *self.why(row, entry[row.name])))
        return result

    def why(self, row: Property, value: Json) -> tuple[str, str, str]:
        """Why the language can't express a value: the rule, the reason, and what to do."""
        match row.kind:
            case kinds.ProfileRef() | kinds.ProfileRefs():
                ids = value if isinstance(value, list) else [value]
                strange = next((id_ for id_ in ids if self.profile(id_) is None), value)
                why = f"it refers to passkey profile {shown(strange)}, which is not in the tenant"
                fix = "remove that profile there in the portal, and pull again"
                known = [name for name in map(self.profile, ids) if name is not None]
                if isinstance(row.kind, kinds.ProfileRefs) and known:
                    fix = f"write {line({row.name: known})[1:-1]}, and apply that"
                return "unknown-passkey-profile", why, fix
            case kinds.Enum() | kinds.Flags() | kinds.Strings():
                why = f"this release does not know the value {shown(value)}"
                return "bad-value", why, "install a newer graphpolicy, or manage it in the portal"
            case kinds.Text():
                why = "its text contains half a character, which a file can't store"
                return "bad-format", why, "enter it again in the portal, and pull again"
        why = f"the tenant has {shown(value)}, which is not of the type that Graph documents"
        return "wrong-type", why, "pull again; if this persists, manage it in the portal"

    def value(self, kind: Kind, value: Json, at: Pointer) -> Json:
        """One value in the language's shape; None if the language can't express it."""
        match kind:
            case kinds.Object(members=members):
                return self.members(members, value, at) or None
            case kinds.Enum(members=names):
                spelled = canonical(kind, value)
                return spelled if spelled in names else None
            case kinds.Flags(members=names):
                parts = canonical(kind, value)
                known = all(part in names for part in parts)
                return [name for name in names if name in parts] or None if known else None
            case kinds.ProfileRef():
                return self.profile(value)
            case kinds.ProfileRefs():
                profiles = list(dict.fromkeys(map(self.profile, value)))
                return None if None in profiles else profiles
            case kinds.Strings(members=names) if names:
                known = canonical(kind, value)
                return known if all(each in names for each in known) else None
            case kinds.Strings():
                return list({str(item).casefold(): item for item in reversed(value)}.values())[::-1]
            case kinds.Target(nobody=nobody):
                return "none" if nobody and value.get("id") == NOBODY else self.target(kind, value)
            case kinds.Targets() | kinds.Collection():
                return self.entries(kind, value, at)
            case _:
                return value if not isinstance(value, str) or (value and is_text(value)) else None

    def entries(self, kind: kinds.Entries, value: Json, at: Pointer) -> Json:
        """A collection, each entry once; None if it has an entry twice with different values."""
        by_identity: dict[Json, Json] = {}
        for entry in value:
            first = by_identity.setdefault(identity(kind, entry), entry)
            if not same(kind, [first], [entry]):
                self.left_out.append(LeftOut(at, *self.twice(kind, value, entry, at)))
                return None
        unique = by_identity.values()
        if isinstance(kind, kinds.Targets):
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
                why = f"several profiles are called {shown(name)}, or the profile has no name"
                fix = "give it a unique name in the portal, and pull again"
                left = LeftOut((*at, name), "passkey-profile-ambiguous", why, fix)
                self.left_out.append(left)
        return named or None

    def twice(
        self, kind: kinds.Entries, value: Json, entry: Mapping[str, Json], at: Pointer
    ) -> tuple[str, str, str]:
        """Rule, reason and help for an entry that a collection has twice."""
        which = ", ".join(str(part) for part in identity(kind, entry) if part is not None)
        if isinstance(kind, kinds.Collection) and kind.identity == ("priority",):
            ordered = sorted(value, key=lambda each: each.get("priority") or 0)
            said = [
                {**self.members(kind.members, each, at), "priority": number}
                for number, each in enumerate(ordered, 1)
            ]
            rule, why = "binding-priority", f"two of its entries have the priority {which}"
            fix = "give each its own priority, and apply that"
        else:
            once = {identity(kind, each): each for each in reversed(value)}
            said = self.entries(kind, list(once.values())[::-1], at)
            rule, why = "duplicate-entry", f"it lists {which} twice, with different properties"
            fix = "keep the right one, and apply that"
        return rule, why, f"{fix}, as in {line({str(at[-1]): said})[1:-1]}"

    def target(
        self, kind: kinds.Target | kinds.Targets, entry: Mapping[str, Json], at: Pointer = ()
    ) -> Json:
        """A target in its shortest form, a group with its name."""
        id_, type_ = entry.get("id"), target_type(entry)
        rows = kind.members if isinstance(kind, kinds.Targets) else ()
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
        """The name of a passkey profile, or its id if the name is not unique.

        None if the tenant has no such profile.
        """
        folded = str(id_).casefold()
        return self.profiles.get(folded, id_) if folded in self.known_profiles else None


def _lossy(kind: Kind) -> bool:
    """Whether a kind has values that the language can't express."""
    if isinstance(kind, kinds.Strings):
        return bool(kind.members)
    return isinstance(
        kind, kinds.Enum | kinds.Flags | kinds.Text | kinds.ProfileRef | kinds.ProfileRefs
    )


def _shape(kind: Kind) -> type:
    """The type of a kind in Graph's JSON. A value of another type can't be expressed."""
    match kind:
        case kinds.Object() | kinds.Target():
            return dict
        case kinds.Targets() | kinds.Collection() | kinds.Strings() | kinds.ProfileRefs():
            return list
        case kinds.Bool():
            return bool
        case kinds.Int():
            return int
        case _:
            return str


def _profile_names(observed: Observed) -> dict[str, str]:
    """The unique names of passkey profiles, by id in lower case."""
    names = {str(p.get("id")).casefold(): str(p.get("name") or "") for p in _profiles(observed)}
    taken = Counter([*names.values(), *names])
    return {id_: name for id_, name in names.items() if name and taken[name] == 1 and is_text(name)}


def _profiles(observed: Observed) -> Iterator[Mapping[str, Json]]:
    for _, item in observed.methods:
        found = item.get("passkeyProfiles")
        # Another method may have a member of this name, of a shape that is not checked.
        yield from (p for p in found if isinstance(p, Mapping)) if isinstance(found, list) else ()
