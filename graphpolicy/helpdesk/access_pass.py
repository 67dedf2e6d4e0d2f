"""A Temporary Access Pass: what was requested, what the tenant allows, what Graph created. Pure.

Ranges, defaults and the properties that a read returns follow Microsoft's pages "Configure
Temporary Access Pass" and "temporaryAccessPassAuthenticationMethod".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from graphpolicy.helpdesk.house_rules import HouseRules
from graphpolicy.helpdesk.person import Memberships, Person
from graphpolicy.model import CONFIGURATIONS, Finding, Json
from graphpolicy.model.records import dataclass
from graphpolicy.people.access import Someone, may_use
from graphpolicy.people.reach import reach

METHOD = "TemporaryAccessPass"
USABLE = "EnabledByPolicy"

OVER = {"Expired": "expired", "OneTimeUsed": "used"}


@dataclass(frozen=True, slots=True)
class PassRequest:
    """What was requested; None leaves it to the policy.

    `lifetime` is in minutes, `starts` a UTC timestamp in Graph's format.
    """

    lifetime: int | None = None
    once: bool | None = None
    starts: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the live policy says about passes; lifetimes in minutes, None if it does not say."""

    enabled: bool
    minimum: int | None = None
    maximum: int | None = None
    default: int | None = None
    once: bool = False
    values: Mapping[str, Json] = field(default_factory=dict)
    """The method's configuration."""

    @staticmethod
    def of(document: Json) -> Limits:
        """From the live policy. A tenant that does not return the method has it switched off."""
        rows = document.get(CONFIGURATIONS) or ()
        found = next((row for row in rows if _id(row) == METHOD.casefold()), None)
        if found is None:
            return Limits(enabled=False)
        return Limits(
            found.get("state") == "enabled",
            _number(found, "minimumLifetimeInMinutes"),
            _number(found, "maximumLifetimeInMinutes"),
            _number(found, "defaultLifetimeInMinutes"),
            found.get("isUsableOnce") is True,
            found,
        )

    @property
    def asks_belonging(self) -> bool:
        """Whether a person's groups decide if the policy applies to them."""
        return self.enabled and reach(self.values).by_groups

    def reaches(self, person: Person, belongs: Memberships) -> bool:
        """Whether the policy's targets let a person sign in with a pass; an exclusion wins."""
        return may_use(self.values, Someone(person.id, belongs.groups)).yes is True


@dataclass(frozen=True, slots=True)
class Terms:
    """What is requested from Graph; `lifetime` in minutes.

    Every value is sent: the tenant's defaults may change between the question and the request.
    """

    lifetime: int
    once: bool
    starts: str | None = None

    @property
    def body(self) -> dict[str, Json]:
        """The JSON body of the POST."""
        start = {} if self.starts is None else {"startDateTime": self.starts}
        return {"lifetimeInMinutes": self.lifetime, "isUsableOnce": self.once, **start}


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass as Graph returns it, without its secret; `lifetime` in minutes.

    `reason` is Graph's methodUsabilityReason, empty on beta.
    """

    id: str
    created: str
    starts: str
    lifetime: int
    once: bool
    reason: str = ""

    @staticmethod
    def of(row: Mapping[str, Any]) -> Pass:
        return Pass(
            str(row.get("id", "")),
            str(row.get("createdDateTime") or ""),
            str(row.get("startDateTime") or ""),
            _number(row, "lifetimeInMinutes") or 0,
            row.get("isUsableOnce") is True,
            str(row.get("methodUsabilityReason") or ""),
        )

    @property
    def alive(self) -> bool:
        """Whether it can still be used, now or later: neither expired nor used up."""
        return self.reason not in OVER

    @property
    def state(self) -> str:
        """Its state in a word or two, for people."""
        words = {
            USABLE: "usable",
            "NotYetValid": "not yet valid",
            "DisabledByPolicy": "disabled by the policy",
            **OVER,
        }
        return words.get(self.reason, self.reason or "unknown")


def alive(passes: Iterable[Pass]) -> tuple[Pass, ...]:
    return tuple(each for each in passes if each.alive)


def terms(wish: PassRequest, limits: Limits, house: HouseRules) -> Terms:
    """What to request from Graph.

    What the wish leaves open comes from the policy, within the house rules.
    """
    lifetime = wish.lifetime
    if lifetime is None:
        lifetime = limits.default or limits.minimum or 60
        lifetime = min(lifetime, house.longest) if house.longest else lifetime
    once = limits.once or house.once if wish.once is None else wish.once
    return Terms(lifetime, once, wish.starts)


def limit_refusals(asked: Terms, limits: Limits, house: HouseRules) -> Iterator[Finding]:
    """Why the tenant or the house rules refuse these terms for every person."""
    if not limits.enabled:
        message = "Temporary Access Pass is switched off in this tenant"
        fix = "enable the method in the policy, and include the people that the helpdesk may help"
        yield Finding("tap-disabled", "error", message, fix, METHOD)
        return
    low, high = limits.minimum, limits.maximum
    if (low and asked.lifetime < low) or (high and asked.lifetime > high):
        most = min(high or asked.lifetime, house.longest or high or asked.lifetime)
        message = f"{asked.lifetime} minutes is outside the tenant's limits of {low} to {high}"
        fix = f"use --lifetime with {low} to {most}"
        yield Finding("tap-lifetime", "error", message, fix, METHOD)
    if house.longest and asked.lifetime > house.longest:
        message = f"{asked.lifetime} minutes is more than the {house.longest} that the house rules "
        message += "allow"
        fix = f"use --lifetime {house.longest} or less; the rule is helpdesk.maxLifetimeInMinutes"
        yield Finding("helpdesk-lifetime", "error", message, fix)
    if limits.once and not asked.once:
        message = "this tenant's policy allows one-time passes only (isUsableOnce)"
        yield Finding("tap-one-time", "error", message, "leave out --reusable", METHOD)
    elif house.once and not asked.once:
        message = "the house rules allow one-time passes only"
        fix = "leave out --reusable; the rule is helpdesk.once"
        yield Finding("helpdesk-once", "error", message, fix)


def target_refusals(limits: Limits, person: Person, belongs: Memberships) -> Iterator[Finding]:
    """Why Graph would refuse a pass for this person, or why the pass would not work."""
    if person.external:
        message = f"{person.label} is a guest in this tenant, and Graph refuses passes for guests"
        fix = "a guest signs in with their own organization: ask its helpdesk"
        yield Finding("tap-guest", "error", message, fix)
    elif limits.enabled and not limits.reaches(person, belongs):
        message = f"a pass would not work for {person.label}: the policy does not include them, or "
        message += "excludes them"
        fix = "add them to a group that Temporary Access Pass includes, or remove them from one "
        fix += "that it excludes"
        yield Finding("tap-not-included", "error", message, fix, METHOD)


def in_fours(secret: str) -> str:
    """A secret in groups of four characters with spaces between, to read out on the phone."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _id(row: Json) -> str:
    return str(row.get("id", "")).casefold() if isinstance(row, dict) else ""


def _number(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
