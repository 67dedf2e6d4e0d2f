"""House rules: who the helpdesk may not help, and what a reason must contain. Pure.

The common attack on a helpdesk is a call that asks for a way around every other method. Accounts
that are worth such a call are refused before anything is sent, and the message says who can help.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy.guards.emergency_access import misnamed
from graphpolicy.helpdesk.person import Memberships, Person
from graphpolicy.helpdesk.ticket import LONGEST_REASON, matches
from graphpolicy.model import Account, Desired, Finding, Json, Level, Place, Tenant, Unread
from graphpolicy.model.records import dataclass

PRIVILEGED = "ask a Privileged Authentication Administrator to do it in the Entra admin center"
BREAK_GLASS = "ask the people who keep this account; they follow the emergency procedure"


EMERGENCY, REFUSE = "emergencyAccess", "helpdesk.refuse"


def key_of(*, emergency: bool) -> str:
    """The policy file's key that an entry is under."""
    return EMERGENCY if emergency else REFUSE


@dataclass(frozen=True, slots=True)
class RefusedGroup:
    """A group whose members get no help, from `helpdesk.refuse` or `emergencyAccess`.

    `ids` are case-folded group ids. If several groups have the name, it has the ids of all.
    """

    label: str
    ids: frozenset[str]
    emergency: bool = False


Unknown: TypeAlias = Literal["", "refuses", "accepted"]
"""What to do if no file has the house rules; empty if a file has them."""

WITHOUT = "--without-house-rules"
RULES_UNKNOWN = "helpdesk-rules-unknown"


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The house rules of one tenant, merged from all its files."""

    rules: Mapping[str, Json]
    emergency: Sequence[Mapping[str, Json]] = ()
    unknown: Unknown = ""
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict, compare=False)
    """Where each entry is written, by its key in the file and its index there."""

    @staticmethod
    def of(desired: Desired | None, *, without: bool = False) -> HouseRules:
        """The house rules of a policy. Without a policy they are unknown, and nobody may be helped.

        `without` accepts that, and refuses only people with a directory role.
        """
        if desired is None:
            if without:
                return HouseRules({"refuse": [{"role": "any"}]}, unknown="accepted")
            return HouseRules({}, unknown="refuses")
        kept = desired.emergency_access
        kept = kept if isinstance(kept, list) else ()
        return HouseRules(desired.helpdesk, kept, places=desired.places)

    @property
    def longest(self) -> int | None:
        """The longest lifetime of a pass, in minutes; None if the rules set none."""
        return self.rules.get("maxLifetimeInMinutes")

    @property
    def once(self) -> bool:
        """Whether every pass must be one-time."""
        return bool(self.rules.get("once"))

    @property
    def refuses_roles(self) -> bool:
        return any("role" in entry for entry in self.rules.get("refuse") or ())

    @property
    def groups(self) -> tuple[tuple[Mapping[str, Json], bool], ...]:
        """Entries of groups whose members get no help, each with whether it is emergency access."""
        named = [(entry, False) for entry in self.rules.get("refuse") or () if "group" in entry]
        return (*named, *((entry, True) for entry in self.emergency if "group" in entry))

    def place(self, entry: Mapping[str, Json], *, emergency: bool) -> str:
        """Where an entry is written, as "file:line:column: "; '' if that is not known."""
        entries = self.emergency if emergency else self.rules["refuse"]
        number = next(number for number, each in enumerate(entries) if each is entry)
        place = self.places.get((key_of(emergency=emergency), number))
        return f"{place}: " if place else ""

    @property
    def asks_belonging(self) -> bool:
        """Whether the rules need a person's groups or roles."""
        return self.refuses_roles or bool(self.groups)


def unknown_rules(house: HouseRules, tenant: Tenant) -> Iterator[Finding]:
    """The finding that no file has the house rules: an error, or a note if that is accepted."""
    message = f"no policy file under policies/ is for tenant {tenant.id}, so its house rules are "
    message += "not known"
    if house.unknown == "refuses":
        fix = "run it in the repository that has policies/, or name that folder with -C; "
        fix += f"{WITHOUT} continues, but only for people without a directory role"
        yield Finding(RULES_UNKNOWN, "error", message, fix)
    elif house.unknown:
        fix = "people with a directory role get no help"
        yield Finding(RULES_UNKNOWN, "note", f"{message} ({WITHOUT})", fix)


def unknown_groups(groups: Iterable[Account], desired: Desired) -> Iterator[Finding]:
    """Groups of `helpdesk.refuse` whose members can't be known, found before anybody calls."""
    entries = enumerate(desired.helpdesk.get("refuse") or ())
    numbers = [number for number, entry in entries if "group" in entry]
    for number, group in zip(numbers, groups, strict=False):  # `groups` is empty without a lookup
        place = desired.places.get((REFUSE, number))
        yield from misnamed(group, REFUSE, place)
        if group.id:
            continue
        why = group.unread or Unread("is not in the directory", "correct the name in the file")
        if not group.readable:
            message = f"{group.label} in {REFUSE} could not be looked up ({why.why})"
            level: Level = "note"
        else:
            message = f"{group.label} in {REFUSE} {why.why}: until this is fixed, the helpdesk can "
            message += "help nobody"
            level = "error"
        yield Finding("helpdesk-group-not-found", level, message, why.fix, source=place)


def reason_refusals(house: HouseRules, reason: str) -> Iterator[Finding]:
    """Why the house rules refuse a reason: it is missing, too long, or has no ticket."""
    pattern = house.rules.get("ticketPattern") or ""
    wants = f"a reason with a ticket ({pattern})" if pattern else "a reason"
    if not reason.strip():
        if pattern or house.rules.get("requireReason"):
            message = f"the house rules require {wants}"
            yield Finding(
                "helpdesk-reason", "error", message, "add --reason 'TICKET what happened'"
            )
    elif len(reason) > LONGEST_REASON:
        message = f"the reason has {len(reason)} characters; at most {LONGEST_REASON} are allowed"
        yield Finding("helpdesk-reason", "error", message, "enter the ticket and a few words")
    elif pattern and not matches(pattern, reason):
        message = f"the reason contains no ticket that matches {pattern}"
        fix = "add the ticket to --reason; the pattern is helpdesk.ticketPattern in the policy file"
        yield Finding("helpdesk-ticket", "error", message, fix)


def person_refusals(
    house: HouseRules, refused: Sequence[RefusedGroup], person: Person, belongs: Memberships
) -> Iterator[Finding]:
    """Why the house rules refuse a person; `belongs` is used only if the rules need it."""
    for entry in house.emergency:
        names = {str(entry.get(key, "")).casefold() for key in ("user", "id")} - {""}
        if "user" in entry and names & {person.id, person.name.casefold()}:
            message = f"{person.label} is an emergency access account (emergencyAccess)"
            yield Finding("helpdesk-emergency", "error", message, BREAK_GLASS)
    for group in refused:
        if group.ids & belongs.groups and group.emergency:
            message = f"{person.label} is in {group.label}, which emergencyAccess names"
            yield Finding("helpdesk-emergency", "error", message, BREAK_GLASS)
        elif group.ids & belongs.groups:
            message = f"{person.label} is in {group.label}, which the house rules refuse"
            yield Finding("helpdesk-group", "error", message, PRIVILEGED)
    if house.refuses_roles and belongs.roles:
        roles = "; ".join(belongs.roles)
        message = f"{person.label} has a directory role ({roles}), which "
        message += f"{WITHOUT} refuses" if house.unknown else "the house rules refuse"
        yield Finding("helpdesk-role", "error", message, PRIVILEGED)
    elif house.refuses_roles and belongs.unread:
        whys = "; ".join(dict.fromkeys(each.why for each in belongs.unread))
        fixes = "; ".join(dict.fromkeys(each.fix for each in belongs.unread))
        message = f"not verified: whether {person.label} has an eligible role, or a role for part "
        message += f"of the tenant ({whys})"
        yield Finding("helpdesk-role-not-verified", "note", message, fixes)


ABOUT_PERSON = frozenset({"helpdesk-emergency", "helpdesk-group", "helpdesk-role"})


def refuse(findings: Iterable[Finding]) -> bool:
    """Whether any finding refuses the action: only an error does."""
    return any(finding.level == "error" for finding in findings)


def for_nobody(findings: Iterable[Finding]) -> bool:
    """Whether the house rules refuse the person.

    Then no message may say how a pass could be made to work for them.
    """
    return any(finding.rule in ABOUT_PERSON for finding in findings)


def own_refusals(holder: str, person: Person) -> Iterator[Finding]:
    """Refuses a pass for oneself; `holder` is the object id of the signed-in account."""
    if holder and holder.casefold() == person.id:
        message = f"{person.label} is you, and Graph does not let administrators create their own "
        message += "pass"
        yield Finding("tap-own", "error", message, "ask a colleague who has the role")
