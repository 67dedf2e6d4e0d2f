"""Whether a live policy lets somebody use something that they have registered, and why. Pure.

Sources: Graph, resource type authenticationMethod and the configuration of each method; Entra,
"Authentication methods and features".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.registered import KEY, RegisteredKind
from graphpolicy.catalogue.simple_methods import VOICE
from graphpolicy.model import EVERYONE, Json
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import word
from graphpolicy.people.keys import takes_key
from graphpolicy.people.reach import Reach, reach
from graphpolicy.rules.references import LISTS, Reference, listed, reference


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting of a method that must be on for one kind of registration.

    `default` is what counts where Graph does not return it, None if Microsoft documents no default.
    """

    kind: str
    phone: str
    through: str
    setting: str
    default: bool | None
    allows: str


SWITCHES = (
    Switch("softwareOath", "", AUTHENTICATOR.id, "isSoftwareOathEnabled", None, "codes"),
    Switch("phone", "office", VOICE.id, "isOfficePhoneAllowed", False, "office phones"),
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person, by folded id. `groups` are the folded ids of all their groups, None if unread.

    `unsure` are the ids of groups that they may be in: those whose members could not be read.
    """

    id: str
    groups: frozenset[str] | None
    unsure: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[str]:
        """The ids under which targets can name them, as far as they are known."""
        return (self.groups or frozenset()) | {self.id}

    def among(self, who: Iterable[Reference]) -> bool | None:
        """Whether they are one of these, or in one of these groups; None if that is not known."""
        ids = {each.value for each in who}
        if ids & self.own or EVERYONE in ids:
            return True
        return None if ids & self.unsure or (ids and self.groups is None) else False

    def by(self, who: Iterable[Reference]) -> Reference | None:
        """The first of these references that covers them; all users come before any other."""
        own = (each for each in who if each.value in self.own or each.value == EVERYONE)
        return min(own, key=lambda each: (each.value != EVERYONE, each.value), default=None)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the policy lets a person use a method, and why; `yes` is None if not known.

    `by` is the target that decides, if one does.
    """

    yes: bool | None
    why: str
    by: Reference | None = None


def reached(audience: Reach, who: Someone) -> bool | None:
    """Whether an audience that is on has somebody in it; None if not known. Exclusion wins."""
    excluded = who.among(audience.exclude)
    included = who.among(audience.include - audience.exclude)
    if excluded or included is False:
        return False
    return None if None in (excluded, included) else True


def may_use(values: Mapping[str, Json], who: Someone, title: str = "") -> Allowed:
    """Whether a method is on for somebody. Exclusion wins."""
    found = reach(values)
    if not found.on:
        return Allowed(False, f"{title} is off")
    if who.among(found.exclude):
        return Allowed(False, f"excluded from {title}", who.by(found.exclude))
    yes = reached(found, who)
    if yes is None:
        return Allowed(None, f"{title} depends on groups, which this sign-in may not read")
    if yes is False:
        return Allowed(False, f"not included in {title}")
    return Allowed(True, title, who.by(found.include))


def may_use_some(values: Mapping[str, Json], who: Someone, title: str = "") -> Allowed:
    """The same, but for passkeys the policy must also accept some key from them.

    They can't use a method of which the policy accepts nothing.
    """
    targeted = may_use(values, who, title)
    if not targeted.yes or takes_key(values, who.own) is not False:
        return targeted
    if takes_key(values, who.own | who.unsure) is not False:
        return Allowed(None, f"{title} depends on groups, which this sign-in may not read")
    return Allowed(False, f"{title} accepts no key from them")


def may_use_registered(
    values: Mapping[str, Json],
    who: Someone,
    kind: RegisteredKind,
    through: str,
    *,
    model: str = "",
    type_: str = "",
    mode: str = "",
    title: str = "",
) -> Allowed:
    """The same for something registered: a key of a model, a phone, codes of an app.

    `values` are those of the method `through` of the policy, which may allow the `kind`. `type_` is
    the folded passkey type of a key, `mode` the folded `authenticationMode` that a target must
    allow; '' if either does not matter.
    """
    targeted = may_use(values, who, title)
    if not reach(values).on:
        return targeted
    if kind.name == KEY:
        own = None if who.groups is None else who.own
        taken = takes_key(values, own, model, type_, who.unsure)
        if taken is False:
            return Allowed(False, f"{title} refuses this model")
        if taken is None and targeted.yes:
            return Allowed(None, f"{title} accepts only some models")
    for row in SWITCHES:
        fits = (row.kind, row.through.casefold()) == (kind.name, through.casefold())
        value = values.get(row.setting, row.default)
        if fits and row.phone in ("", kind.phone) and value is not True:
            says = "does not allow" if value is False else "does not say whether it allows"
            return Allowed(False if value is False else None, f"{title} {says} {row.allows}")
    if targeted.yes is False or not mode:
        return targeted
    allowed = in_mode(values, who, mode, title)
    return allowed if targeted.yes or allowed.yes is False else targeted


def in_mode(values: Mapping[str, Json], who: Someone, mode: str, title: str) -> Allowed:
    """Whether one of their targets allows a mode."""
    yes = by_target(
        values, who, lambda each: word(each.get("authenticationMode")) in ("", "any", mode)
    )
    if yes:
        return Allowed(True, title)
    if yes is None:
        return Allowed(None, f"{title} depends on groups, which this sign-in may not read")
    return Allowed(False, f"{title} allows another mode")


def by_target(
    values: Mapping[str, Json], who: Someone, allows: Callable[[Mapping[str, Json]], bool]
) -> bool | None:
    """Whether a target that allows something has somebody in it; yes if Graph shows no targets."""
    targets = values.get(LISTS[0])
    found = [who.among([reference(each)]) for each in listed(targets) if allows(each)]
    if True in found or targets is None:
        return True
    return None if None in found else False


def signs_in(target: Mapping[str, Json]) -> bool:
    """Whether a target of text messages makes them a first factor; a missing value means true."""
    return target.get("isUsableForSignIn") is not False
