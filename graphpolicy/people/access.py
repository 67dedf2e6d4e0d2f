"""Whether a live policy lets somebody use something that they have registered, and why. Pure.

Sources: Graph, resource type authenticationMethod and the configuration of each method; Entra,
"Authentication methods and features".
"""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.registered import KEY, Kind
from graphpolicy.catalogue.simple_methods import VOICE
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.people.keys import blocks
from graphpolicy.people.reach import reach
from graphpolicy.rules.references import ALL


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
    """A person, by folded id. `groups` are the folded ids of all their groups, None if unread."""

    id: str
    groups: frozenset[str] | None

    @property
    def own(self) -> frozenset[str]:
        """The ids under which targets can name them, as far as they are known."""
        return (self.groups or frozenset()) | {self.id}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the policy lets a person use a method, and why; `yes` is None if not known."""

    yes: bool | None
    why: str


def may_use(values: Mapping[str, Json], who: Someone, title: str = "") -> Allowed:
    """Whether a method is on for somebody. Exclusion wins."""
    found = reach(values)
    if not found.on:
        return Allowed(False, f"{title} is off")
    if any(each.value in who.own for each in found.exclude):
        return Allowed(False, f"excluded from {title}")
    included = ALL in found.include or any(each.value in who.own for each in found.include)
    unclear = found.exclude if included else found.include
    if who.groups is None and unclear:
        return Allowed(None, f"{title} depends on groups, which this sign-in may not read")
    return Allowed(included, title if included else f"not included in {title}")


def may_use_registered(
    values: Mapping[str, Json],
    who: Someone,
    kind: Kind,
    through: str,
    *,
    model: str = "",
    title: str = "",
) -> Allowed:
    """The same for something registered: a key of a model, a phone, codes of an app.

    `values` are those of the method `through` of the policy, which may allow the `kind`.
    """
    targeted = may_use(values, who, title)
    if not reach(values).on:
        return targeted
    own = None if who.groups is None else who.own
    if kind.name == KEY and model and blocks(values, model, own):
        return Allowed(False, f"{title} refuses this model")
    for row in SWITCHES:
        fits = (row.kind, row.through.casefold()) == (kind.name, through.casefold())
        value = values.get(row.setting, row.default)
        if fits and row.phone in ("", kind.phone) and value is not True:
            says = "does not allow" if value is False else "does not say whether it allows"
            return Allowed(False if value is False else None, f"{title} {says} {row.allows}")
    return targeted
