"""A person's registered methods, whether today's policy allows each, and the order to delete them.

Pure. Phone numbers and email addresses are personal, and a log does not need them: they are masked
as soon as they are read (Graph itself masks numbers for some roles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from graphpolicy.catalogue.registered import (
    ALTERNATE_MOBILE,
    PASS,
    FactorUse,
    RegisteredKind,
    kind_of,
)
from graphpolicy.helpdesk.access_pass import USABLE, Pass
from graphpolicy.helpdesk.person import Memberships, Person, masked
from graphpolicy.model import CONFIGURATIONS, Json, Version
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Allowed, Someone, may_use_registered
from graphpolicy.people.reach import reach

Configurations: TypeAlias = Mapping[str, Mapping[str, Json]]
"""The method configurations of a live policy, by case-folded id."""

EXTERNAL = "external"
PERSONAL = frozenset({"phoneNumber", "emailAddress"})
"""Graph properties whose values are masked."""


@dataclass(frozen=True, slots=True)
class RegisteredMethod:
    """A registered method. `kind` is None for a type that this release does not know.

    `version` is the Graph version to delete it on. `detail` tells it from others of its kind, with
    numbers and addresses masked. `model` is a key's AAGUID and `configuration` the id of an
    external method's configuration, both case-folded. `ready` says whether a phone can sign in with
    a text message alone.
    """

    type: str
    id: str
    kind: RegisteredKind | None
    version: Version
    detail: str = ""
    created: str = ""
    model: str = ""
    configuration: str = ""
    ready: bool = False
    access_pass: Pass | None = None

    @staticmethod
    def of(row: Mapping[str, Any], version: Version) -> RegisteredMethod:
        """From one entry of Graph's list of a user's authentication methods."""
        type_, id_ = str(row.get("@odata.type") or ""), str(row.get("id") or "")
        kind = kind_of(type_, id_, str(row.get("phoneType") or ""))
        names = kind.detail if kind else ("displayName",)
        found = next((str(row[name]) for name in names if row.get(name)), "")
        return RegisteredMethod(
            type_,
            id_,
            kind,
            version,
            masked(found) if PERSONAL.intersection(names) else found,
            str(row.get("createdDateTime") or row.get("creationDateTime") or ""),
            str(row.get("aaGuid") or "").casefold(),
            str(row.get("configurationId") or "").casefold(),
            str(row.get("smsSignInState") or "").casefold() == "ready",
            Pass.of(row) if kind and kind.name == PASS else None,
        )

    @property
    def label(self) -> str:
        """Its name for people."""
        if self.kind is not None:
            return self.kind.label
        name = self.type.rpartition(".")[2]
        return f"unknown type {name}" if name else "unknown type"

    @property
    def words(self) -> str:
        """Its name and its detail, for people."""
        return f"{self.label}, {self.detail}" if self.detail else self.label

    @property
    def use(self) -> FactorUse:
        """What it can be used for at sign-in."""
        if self.kind is None:
            return "unknown"
        return "alone" if self.ready else self.kind.use

    @property
    def is_pass(self) -> bool:
        return self.kind is not None and self.kind.name == PASS

    @property
    def deletable(self) -> bool:
        """Whether this release knows the request that deletes it."""
        return self.kind is not None and bool(self.kind.segment)

    def same(self, other: RegisteredMethod) -> bool:
        """Whether it is the same registration.

        The id is not enough: a phone or an email address that is registered again has the same id
        and another creation time.
        """
        again = self.created != other.created and "" not in (self.created, other.created)
        return (self.type, self.id) == (other.type, other.id) and not again


@dataclass(frozen=True, slots=True)
class Preference:
    """A person's default second factor.

    `value` is Graph's userPreferredMethodForSecondaryAuthentication, empty if none is set. `known`
    is False if it could not be read. `ignored` says that system-preferred MFA is on, so that
    sign-in does not use it.
    """

    value: str = ""
    known: bool = True
    ignored: bool = False

    def serves(self, method: RegisteredMethod) -> bool:
        """Whether a method may be the default one.

        Graph does not say which of two methods that generate codes is meant.
        """
        return method.kind is not None and self.value in method.kind.prefers


def united(stable: Iterable[Json], beta: Iterable[Json]) -> tuple[RegisteredMethod, ...]:
    """One list from the v1.0 and the beta list.

    v1.0 leaves out some types that beta has, or returns them under a type that says nothing.
    """
    found: list[tuple[Mapping[str, Any], Version]] = [
        (row, "v1.0") for row in stable if isinstance(row, Mapping)
    ]
    for row in beta:
        if not isinstance(row, Mapping):
            continue
        place = next((n for n, (other, _) in enumerate(found) if _twins(other, row)), None)
        if place is None:
            found.append((row, "beta"))
        elif _known(found[place][0]):
            shown = {name: value for name, value in found[place][0].items() if value is not None}
            found[place] = ({**row, **shown}, "v1.0")
        else:
            found[place] = (row, "beta")
    return tuple(RegisteredMethod.of(row, version) for row, version in found)


def _twins(stable: Mapping[str, Any], beta: Mapping[str, Any]) -> bool:
    types = {str(row.get("@odata.type") or "").casefold() for row in (stable, beta)}
    return stable.get("id") == beta.get("id") and (len(types) == 1 or not _known(stable))


def _known(row: Mapping[str, Any]) -> bool:
    return RegisteredMethod.of(row, "v1.0").kind is not None


def configurations(documents: Iterable[Json]) -> Configurations:
    """The method configurations in a policy's documents; the first document's values win."""
    found: dict[str, Mapping[str, Json]] = {}
    for document in documents:
        for row in document.get(CONFIGURATIONS) or ():
            if isinstance(row, Mapping):
                key = str(row.get("id", "")).casefold()
                found[key] = {**row, **found.get(key, {})}
    return found


def asks_belonging(methods: Iterable[RegisteredMethod], policy: Configurations) -> bool:
    """Whether a person's groups decide which of these methods the policy allows."""
    named = {name for method in methods for name in _through(method)}
    found = [reach(policy[name]) for name in named if name in policy]
    return any(each.by_groups for each in found)


def allowed(
    method: RegisteredMethod, policy: Configurations, person: Person, belongs: Memberships | None
) -> Allowed:
    """Whether today's policy lets a person use a method; `belongs` is None if it can't be read."""
    names = _through(method)
    if method.kind is None:
        return Allowed(None, "not known to this release")
    if not names:
        return Allowed(True, "not controlled by this policy")
    found = {name: _by(method, name, policy, person, belongs) for name in names}
    for yes in (True, None):
        some = [each.why for each in found.values() if each.yes is yes]
        if some:
            return Allowed(yes, ", ".join(some))
    return Allowed(False, ", ".join(each.why for each in found.values()))


def _through(method: RegisteredMethod) -> tuple[str, ...]:
    """The case-folded ids of the method configurations that can allow it."""
    if method.kind is not None and method.kind.name == EXTERNAL:
        return (method.configuration,)
    return tuple(name.casefold() for name in method.kind.through) if method.kind else ()


def _by(
    method: RegisteredMethod,
    name: str,
    policy: Configurations,
    person: Person,
    belongs: Memberships | None,
) -> Allowed:
    """Whether the method configuration `name` lets a person use it."""
    kind = method.kind
    if kind is None:
        raise LookupError(name)
    values = policy.get(name)
    if values is None:
        gone = kind.name == EXTERNAL
        why = "no longer in the policy" if gone else f"{name} is not in the policy"
        return Allowed(False if gone else None, why)
    title = str(values.get("displayName") if kind.name == EXTERNAL else values.get("id"))
    who = Someone(person.id, belongs.groups if belongs else None)
    return may_use_registered(values, who, kind, name, model=method.model, title=title)


def usable(method: RegisteredMethod, may: Allowed) -> bool:
    """Whether a person can sign in with it now, alone or after the password."""
    alive = method.access_pass is None or method.access_pass.reason in (USABLE, "")
    return may.yes is True and method.use in ("alone", "second") and alive


def deletions(
    methods: Sequence[RegisteredMethod], preference: Preference, *, passes: bool
) -> tuple[RegisteredMethod, ...]:
    """The methods that a reset deletes, in the order that Graph accepts.

    `passes` includes Temporary Access Passes. The default method is deleted last, and an alternate
    mobile phone before the mobile phone, also if it is the default (Graph: "Delete
    phoneAuthenticationMethod").
    """
    chosen = [each for each in methods if each.deletable and (passes or not each.is_pass)]
    return tuple(sorted(chosen, key=lambda each: _turn(each, chosen, preference)))


def _turn(
    method: RegisteredMethod, among: Iterable[RegisteredMethod], preference: Preference
) -> tuple[bool, int]:
    last = preference.serves(method) and not _holds_up(method, among)
    return last, method.kind.order if method.kind else 0


def _holds_up(method: RegisteredMethod, among: Iterable[RegisteredMethod]) -> bool:
    """Whether it must be deleted before a mobile phone, so that it can't be last."""
    alternate = method.kind is not None and method.kind.phone == ALTERNATE_MOBILE
    return alternate and any(each.kind and each.kind.phone == "mobile" for each in among)


def stand_ins(left: Sequence[RegisteredMethod], preference: Preference) -> Iterator[str]:
    """Values to make the default, so that the present default can be deleted before others.

    The method that is deleted last comes first: it can stay the default to the end. Empty if none
    of `left` is the default.
    """
    others = [each for each in left if not preference.serves(each)]
    if any(preference.serves(each) for each in left):
        for each in reversed(others):
            yield from each.kind.prefers if each.kind else ()


def suspected(left: Sequence[RegisteredMethod], preference: Preference) -> Preference:
    """The default that probably keeps `left` from being deleted.

    It is the one that was read if a method in `left` can be it. Else it is likely an alternate
    mobile phone, which Graph refused to delete before the mobile phone.
    """
    if any(preference.serves(each) for each in left):
        return preference
    return Preference("voiceAlternateMobile", known=False)


def held_up(chosen: Sequence[RegisteredMethod], preference: Preference) -> bool:
    """Whether another method must become the default before anything is deleted."""
    return any(preference.serves(each) and _holds_up(each, chosen) for each in chosen)
