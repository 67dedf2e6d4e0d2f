"""House rules: who gets no help by a phone call, and what a reason must say. Pure.

The common attack on a helpdesk is a call that asks for a way around every other method. Whom it
would pay off for is refused before anything is sent, and told who can help instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from graphpolicy.guards.emergency import misnamed
from graphpolicy.helpdesk.person import Belongs, Person
from graphpolicy.helpdesk.ticket import LONGEST_REASON, matches
from graphpolicy.model import Account, Desired, Finding, Json, Level, Place, Tenant, Unread
from graphpolicy.model.records import dataclass

PRIVILEGED = "a Privileged Authentication Administrator can, in the Entra admin center"
BREAK_GLASS = "those who keep the account can, by the procedure for an emergency"


EMERGENCY, REFUSE = "emergencyAccess", "helpdesk.refuse"


def key_of(*, emergency: bool) -> str:
    """The key of the file that an entry stands under."""
    return EMERGENCY if emergency else REFUSE


@dataclass(frozen=True, slots=True)
class Refused:
    """A group whose members get no help, or an account of `emergencyAccess`.

    `ids` are all groups that are meant, folded: of several with one name every one.
    """

    label: str
    ids: frozenset[str]
    emergency: bool = False


Unknown: TypeAlias = Literal["", "refuses", "accepted"]
"""What is made of house rules that nobody knows; empty where they are known."""

WITHOUT = "--without-house-rules"
RULES_UNKNOWN = "helpdesk-rules-unknown"


@dataclass(frozen=True, slots=True)
class House:
    """The house rules of one tenant, as its files have them together."""

    rules: Mapping[str, Json]
    emergency: Sequence[Mapping[str, Json]] = ()
    unknown: Unknown = ""
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict, compare=False)
    """Where the entries are written, by the key of the file and their number there."""

    @staticmethod
    def of(desired: Desired | None, *, without: bool = False) -> House:
        """Those of a policy; where there is none nobody knows them, and `without` goes on."""
        if desired is None:
            if without:
                return House({"refuse": [{"role": "any"}]}, unknown="accepted")
            return House({}, unknown="refuses")
        kept = desired.emergency_access
        kept = kept if isinstance(kept, list) else ()
        return House(desired.helpdesk, kept, places=desired.places)

    @property
    def longest(self) -> int | None:
        """The longest life of a pass, in minutes."""
        return self.rules.get("maxLifetimeInMinutes")

    @property
    def once(self) -> bool:
        """Whether passes are one-time alone."""
        return bool(self.rules.get("once"))

    @property
    def refuses_roles(self) -> bool:
        return any("role" in entry for entry in self.rules.get("refuse") or ())

    @property
    def groups(self) -> tuple[tuple[Mapping[str, Json], bool], ...]:
        """The groups whose members get no help, each with whether it is for emergencies."""
        named = [(entry, False) for entry in self.rules.get("refuse") or () if "group" in entry]
        return (*named, *((entry, True) for entry in self.emergency if "group" in entry))

    def place(self, entry: Mapping[str, Json], *, emergency: bool) -> str:
        """Where one of these entries is written, as the lead of a sentence; '' if nobody knows."""
        entries = self.emergency if emergency else self.rules["refuse"]
        number = next(number for number, each in enumerate(entries) if each is entry)
        place = self.places.get((key_of(emergency=emergency), number))
        return f"{place}: " if place else ""

    @property
    def asks_belonging(self) -> bool:
        """Whether it must be known what somebody belongs to."""
        return self.refuses_roles or bool(self.groups)


def unknown_rules(house: House, tenant: Tenant) -> Iterator[Finding]:
    """That no file says what the house rules are, and what is made of it."""
    message = f"no policy file under policies/ is for tenant {tenant.id}, so its house rules are "
    message += "not known"
    if house.unknown == "refuses":
        fix = "run it in the repository that has policies/, or name its folder with -C; "
        fix += f"{WITHOUT} goes on, for people without a directory role"
        yield Finding(RULES_UNKNOWN, "error", message, fix)
    elif house.unknown:
        fix = "people with a directory role get no help"
        yield Finding(RULES_UNKNOWN, "note", f"{message} ({WITHOUT})", fix)


def unknown_groups(groups: Iterable[Account], desired: Desired) -> Iterator[Finding]:
    """Groups of `helpdesk.refuse` of which nobody can tell who is in them, before anybody calls."""
    entries = enumerate(desired.helpdesk.get("refuse") or ())
    numbers = [number for number, entry in entries if "group" in entry]
    for number, group in zip(numbers, groups, strict=False):  # none where nobody looked
        place = desired.places.get((REFUSE, number))
        yield from misnamed(group, REFUSE, place)
        if group.id:
            continue
        why = group.unread or Unread("is not in the directory", "correct the name in the file")
        if not group.readable:
            message = f"{group.label} of {REFUSE} could not be looked up ({why.why})"
            level: Level = "note"
        else:
            message = f"{group.label} of {REFUSE} {why.why}: until that is mended nobody gets help"
            level = "error"
        yield Finding("helpdesk-group-not-found", level, message, why.fix, source=place)


def reason_refusals(house: House, reason: str) -> Iterator[Finding]:
    """What is missing in a reason."""
    pattern = house.rules.get("ticketPattern") or ""
    wants = f"a reason with a ticket ({pattern})" if pattern else "a reason"
    if not reason.strip():
        if pattern or house.rules.get("requireReason"):
            message = f"the policy's house rules ask for {wants}"
            yield Finding(
                "helpdesk-reason", "error", message, "add --reason 'TICKET what happened'"
            )
    elif len(reason) > LONGEST_REASON:
        message = f"the reason has {len(reason)} characters, more than {LONGEST_REASON}"
        yield Finding("helpdesk-reason", "error", message, "write the ticket and a few words")
    elif pattern and not matches(pattern, reason):
        message = f"the reason holds no ticket of the form {pattern}"
        fix = "put the ticket into --reason; the form is helpdesk.ticketPattern of the policy"
        yield Finding("helpdesk-ticket", "error", message, fix)


def person_refusals(
    house: House, refused: Sequence[Refused], person: Person, belongs: Belongs
) -> Iterator[Finding]:
    """Why somebody gets no help at all; `belongs` matters as far as the rules ask for it."""
    for entry in house.emergency:
        names = {str(entry.get(key, "")).casefold() for key in ("user", "id")} - {""}
        if "user" in entry and names & {person.id, person.name.casefold()}:
            message = f"{person.label} is kept for emergencies (emergencyAccess)"
            yield Finding("helpdesk-emergency", "error", message, BREAK_GLASS)
    for group in refused:
        if group.ids & belongs.groups and group.emergency:
            message = f"{person.label} is in {group.label}, which is kept for emergencies"
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
        message = f"not verified: whether {person.label} has a role that is eligible or for a part "
        message += f"of the tenant ({whys})"
        yield Finding("helpdesk-role-not-verified", "note", message, fixes)


WHOM = frozenset({"helpdesk-emergency", "helpdesk-group", "helpdesk-role"})


def refuse(findings: Iterable[Finding]) -> bool:
    """Whether any of these refuses; a note does not."""
    return any(finding.level == "error" for finding in findings)


def for_nobody(findings: Iterable[Finding]) -> bool:
    """Whether the rules refuse the person: then how a pass could work is no advice to give."""
    return any(finding.rule in WHOM for finding in findings)


def own_refusals(holder: str, person: Person) -> Iterator[Finding]:
    """That nobody makes a pass for themselves; `holder` is the object id of who is signed in."""
    if holder and holder.casefold() == person.id:
        message = f"{person.label} is you, and Graph lets no administrator make their own pass"
        yield Finding("tap-own", "error", message, "ask a colleague who has the role")
