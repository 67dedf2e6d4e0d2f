"""Who can satisfy an authentication strength, as far as groups are known. Pure.

Sources: Graph, authenticationMethodModes and conditionalAccessUsers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set as AbstractSet

from graphpolicy.model import Demand, Json, Members, Party, Strength, Unread
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member, word
from graphpolicy.people.access import Someone, by_target, in_mode, may_use, reached, signs_in
from graphpolicy.people.keys import takes_key
from graphpolicy.people.reach import Reach, reach
from graphpolicy.rules.references import ALL, Reference, listed

APP = "MicrosoftAuthenticator"
MODES: Mapping[str, tuple[str, ...]] = {
    "fido2": ("Fido2",),
    "x509certificatesinglefactor": ("X509Certificate",),
    "x509certificatemultifactor": ("X509Certificate",),
    "microsoftauthenticatorpush": (APP,),
    "devicebasedpush": (APP,),
    "softwareoath": ("SoftwareOath", APP),
    "hardwareoath": ("HardwareOath",),
    "sms": ("Sms",),
    "voice": ("Voice",),
    "email": ("Email",),
    "temporaryaccesspassonetime": ("TemporaryAccessPass",),
    "temporaryaccesspassmultiuse": ("TemporaryAccessPass",),
    "qrcodepin": ("QRCodePin",),
}
"""Folded authentication method modes; each needs one of these methods of this policy (Graph:
authenticationMethodModes). Codes are those of any app or, if it allows them, of Authenticator. This
policy does not govern other modes, such as Windows Hello.
"""

ENDING = frozenset(method for methods in MODES.values() for method in methods)
CREDENTIALS = {"microsoftauthenticatorpush": "push", "devicebasedpush": "devicebasedpush"}
"""Modes of the Authenticator, and the `authenticationMode` of a target that allows each."""

Side = Mapping[str, Mapping[str, Json]]
"""The methods of this policy by id, before or after a plan."""

Combination = frozenset[str]

TEXT: Combination = frozenset({"sms"})
"""SMS sign-in (Graph: smsAuthenticationMethodTarget, isUsableForSignIn: "primary authentication").
Beside a password or a federated sign-in a text message is a second factor.
"""

UNASKED = Members(frozenset(), Unread("nobody has asked for its members", "plan the tenant itself"))


@dataclass(frozen=True, slots=True)
class KnownMembers:
    """The members of groups as far as they are known, by folded id.

    `kinds` has for each kind of person the ids of all groups that such a person was found in.
    """

    members: Mapping[str, Members]
    kinds: frozenset[frozenset[str]]

    def why(self, id_: str) -> Unread | None:
        """Why there may be more people in a group than are known; None if these are all."""
        return self.members.get(id_, UNASKED).unread

    def others(self, id_: str, ids: AbstractSet[str]) -> frozenset[str]:
        """The groups among `ids` that may have people who were not found in any of them yet."""
        own = self.members.get(id_, UNASKED).ids
        return frozenset(
            other for other in ids - {id_} if self.why(other) or not self.members[other].ids <= own
        )


def known_of(members: Mapping[str, Members]) -> KnownMembers:
    """The same members by person: those who are in the same groups are one kind."""
    groups: dict[str, list[str]] = defaultdict(list)
    for id_, found in members.items():
        for person in found.ids:
            groups[person].append(id_)
    return KnownMembers(members, frozenset(map(frozenset, groups.values())))


NOTHING_KNOWN = known_of({})


@dataclass(frozen=True, slots=True)
class StrengthVerdict:
    """Whether any of some people can; None if the members of `parties` decide."""

    yes: bool | None
    parties: frozenset[Party] = frozenset()


YES, NO = StrengthVerdict(True), StrengthVerdict(False)


def methods_of(combination: Iterable[str]) -> set[str]:
    """The methods of this policy that decide who can use a combination."""
    return {method for mode in combination for method in MODES.get(mode, ())}


def satisfying(strength: Strength, side: Side) -> list[Combination]:
    """The combinations that somebody may be able to use, no matter who is in which group.

    A method that this policy does not govern counts as usable.
    """
    anybody = Someone("", None)
    return [
        way for way in strength.combinations if _uses(way, strength, side, anybody) is not False
    ]


def any_can(strength: Strength, side: Side, demand: Demand, known: KnownMembers) -> StrengthVerdict:
    """Whether any of the people who must satisfy a strength can do so; yes if nobody must.

    People who were not found in a group that is not wholly known may be in it.
    """
    ways = satisfying(strength, side)
    if not ways:
        return NO
    values = (side.get(method) for way in ways for method in methods_of(way))
    audiences = [reach(each) for each in values if each is not None]
    included = {each for found in audiences for each in found.include} - {ALL}
    excluded = {each for found in audiences for each in found.exclude}
    parties = demand.include | demand.exclude | set(map(_party, included | excluded))
    ids = frozenset(id_ for _, id_ in parties)
    loose = frozenset(id_ for id_ in ids if known.why(id_))
    required = _required(demand)

    def can(who: Someone) -> bool | None:
        return _any(_uses(way, strength, side, who) for way in ways)

    def fate(who: Someone) -> bool | None:
        return _all((reached(required, who), can(who)))

    if not demand.who:
        return StrengthVerdict(can(Someone("", frozenset(), ids)))
    # Only the people in these groups matter: an exclusion alone makes nobody able.
    groups = {each.value for each in (included if required.everyone else required.include)}
    kinds = {kind & ids for kind in known.kinds if kind & groups}
    people = [Someone("", kind, loose - kind) for kind in kinds]
    if required.everyone:
        people.append(Someone("", frozenset()))
    unseen = [Someone("", frozenset({id_}), known.others(id_, ids)) for id_ in groups & loose]
    fates = [fate(who) for who in people]
    if True in fates:
        return YES
    if not required.everyone and all(can(who) for who in (*people, *unseen)):
        return YES  # it does not matter which of them must
    must = {reached(required, who) for who in people} | ({True} if unseen else set())
    unsure = None in fates or any(fate(who) is not False for who in unseen)
    if unsure or (None in must and True not in must):
        return StrengthVerdict(None, frozenset(party for party in parties if party[1] in loose))
    return NO if True in must else YES


def _required(demand: Demand) -> Reach:
    """The audience of a Conditional Access policy."""
    sides = (demand.include, demand.exclude)
    include, exclude = (
        frozenset(Reference(kind, "id", id_) for kind, id_ in each) for each in sides
    )
    return Reach(True, frozenset({ALL}) if demand.who == "everyone" else include, exclude)


def _party(target: Reference) -> Party:
    return target.type, target.value


def _uses(combination: Combination, strength: Strength, side: Side, who: Someone) -> bool | None:
    """Whether somebody can use every part of a combination.

    A text message alone is a first factor, which a target may deny.
    """
    found = [_able(mode, strength, side, who) for mode in combination]
    if combination == TEXT:
        found.append(by_target(side.get("Sms", {}), who, signs_in))
    return _all(found)


def _able(mode: str, strength: Strength, side: Side, who: Someone) -> bool | None:
    if mode not in MODES:
        return True
    return _any(_through(method, mode, strength, side, who) for method in MODES[mode])


def _through(method: str, mode: str, strength: Strength, side: Side, who: Someone) -> bool | None:
    values = side.get(method, {"state": "disabled"})  # a method that the tenant lacks is off
    found = [may_use(values, who).yes]
    if mode == "fido2" and strength.models is not None:
        own = None if who.groups is None else who.own
        found.append(_any(takes_key(values, own, one, "", who.unsure) for one in strength.models))
    if mode == "temporaryaccesspassmultiuse":
        found.append(values.get("isUsableOnce") is not True)
    if mode in CREDENTIALS:
        found.append(in_mode(values, who, CREDENTIALS[mode], "").yes)
    if mode == "softwareoath" and method == APP:
        allowed = values.get("isSoftwareOathEnabled")
        found.append(allowed if isinstance(allowed, bool) else None)
    if mode == "x509certificatemultifactor":
        found.append(_multifactor(values))
    return _all(found)


def _multifactor(values: Mapping[str, Json]) -> bool:
    """Whether some certificates count as multifactor; yes if Graph does not show it."""
    modes = member(values, "authenticationModeConfiguration")
    if not isinstance(modes, Mapping):
        return True
    default = word(modes.get("x509CertificateAuthenticationDefaultMode"))
    rules = (
        word(rule.get("x509CertificateAuthenticationMode")) for rule in listed(modes.get("rules"))
    )
    return any(each != "x509certificatesinglefactor" for each in (default, *rules))


def _all(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return False if False in found else None if None in found else True


def _any(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return True if True in found else None if None in found else False
