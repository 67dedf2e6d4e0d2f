"""`emergencyAccess` and `helpdesk`: what is wrong in one file, and what all files say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.helpdesk.ticket import trouble
from graphpolicy.model import EVERYONE, Declared, Finding, Json, Place
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import shown

EMERGENCY: Pointer = ("emergencyAccess",)
REFUSE: Pointer = ("helpdesk", "refuse")
MAX_LIFETIME: Pointer = ("helpdesk", "maxLifetimeInMinutes")
METHOD = "TemporaryAccessPass"


@dataclass(frozen=True, slots=True)
class _List:
    """A list of people: where it is, what it is called, and the two kinds that an entry may be."""

    at: Pointer
    rule: str
    name: str
    kinds: tuple[str, str]
    everyone_fix: str

    def broken(self, document: Document, entries: Iterable[Json]) -> Iterator[Finding]:
        """What is wrong in the entries; those that are None have a finding already."""
        seen: dict[tuple[str, str], int] = {}
        for index, entry in enumerate(entries):
            if entry is not None:
                at = (*self.at, index)
                for problem, fix in self._problems(entry, document.place(at).line, seen):
                    yield finding(document, at, self.rule, f"{self.name} {problem}", fix)

    def _problems(
        self, entry: Mapping[str, Json], line: int, seen: dict[tuple[str, str], int]
    ) -> Iterator[tuple[str, str]]:
        first, second = self.kinds
        kind = next((each for each in self.kinds if each in entry), "")
        if not kind:
            named = " or ".join(f"{each}: NAME" for each in self.kinds if each != "role")
            yield "has an id but no name", f"write {named} beside the id"
            return
        # A role has no id beside it, so an id there belongs to a group that is not named.
        if first in entry and (second in entry or (kind == "role" and "id" in entry)):
            fix = f"write two entries, one with the {first} and one with the {second}"
            yield f"has a {first} and a {second} in one entry", fix
            return
        if entry[kind] == EVERYONE:
            yield "can't be all_users", self.everyone_fix
        key = (kind, str(entry.get("id") or entry[kind]).casefold())
        if key in seen:
            what = f"{kind} {shown(entry[kind])}"
            yield f"lists the {what} twice, on line {seen[key]} and here", "keep one of the two"
        seen.setdefault(key, line)


_ACCOUNTS = _List(
    EMERGENCY,
    "emergency-access",
    "emergencyAccess",
    ("user", "group"),
    "name the few accounts that you keep for an emergency",
)
_REFUSED = _List(
    REFUSE,
    "helpdesk-rules",
    "helpdesk.refuse",
    ("role", "group"),
    "name only the groups that the helpdesk must not help; all_users would refuse everyone",
)


# emergencyAccess


def broken_emergency_access(document: Document, data: Json) -> Iterator[Finding]:
    """What is wrong in `emergencyAccess`; entries that are None have a finding already."""
    if isinstance(data, list) and data:
        yield from _ACCOUNTS.broken(document, data)
    elif data is not None and not data:
        fix = "write a list of '- user: NAME' and '- group: NAME', or {none: REASON} if the tenant "
        message = "emergencyAccess is empty"
        yield finding(
            document, EMERGENCY, "emergency-access", message, fix + "really has no such accounts"
        )


def emergency_access(
    layers: Iterable[Layer],
) -> tuple[Json, tuple[Place, ...], tuple[Finding, ...]]:
    """The accounts of all files together, each once, and their places; None if no file has the key.

    The findings are about files that contradict another one.
    """
    entries: dict[tuple[str, str], tuple[dict[str, Json], Place]] = {}
    reason: dict[str, Json] | None = None
    said: list[Layer] = []
    findings: list[Finding] = []
    for layer in layers:
        data = layer.data.get("emergencyAccess")
        if not data:
            continue
        if said and isinstance(data, dict) != (reason is not None):
            where = said[0].document.key_place(EMERGENCY)
            fix = "keep either the accounts or {none: REASON}, and remove the other"
            here, there = "names accounts", "says none"
            if isinstance(data, dict):
                here, there = there, here
            message = f"emergencyAccess {here} here and {there} in {where}"
            findings.append(finding(layer.document, EMERGENCY, "emergency-access", message, fix))
            continue
        said.append(layer)
        if isinstance(data, dict):
            reason = data
            continue
        for index, entry in enumerate(data):
            if entry is not None:
                kind = "user" if "user" in entry else "group"
                key = (kind, str(entry.get("id") or entry.get(kind)).casefold())
                entries.setdefault(key, (entry, layer.document.place((*EMERGENCY, index))))
    accounts = reason or [entry for entry, _ in entries.values()] if said else None
    return accounts, tuple(place for _, place in entries.values()), tuple(findings)


# helpdesk


def broken_helpdesk_rules(document: Document, data: Json) -> Iterator[Finding]:
    """What is wrong in `helpdesk`; entries of `refuse` that are None have a finding already."""
    data = data if isinstance(data, dict) else {}
    pattern = data.get("ticketPattern")
    if pattern and (problem := trouble(pattern)):
        at, message = ("helpdesk", "ticketPattern"), f"helpdesk.ticketPattern {problem}"
        fix = "use only literals, classes and counts, such as 'INC[0-9]{7}|CHG[0-9]{4,9}'"
        yield finding(document, at, "helpdesk-rules", message, fix)
    yield from _REFUSED.broken(document, data.get("refuse") or ())


def helpdesk_rules(layers: Iterable[Layer]) -> tuple[dict[str, Json], list[Place]]:
    """The helpdesk rules of all files, and the places of the entries of `refuse`.

    For each key, the last file that has it counts.
    """
    rules: dict[str, Json] = {}
    places: list[Place] = []
    for layer in layers:
        said = layer.data.get("helpdesk")
        said = said if isinstance(said, dict) else {}
        rules |= said
        if isinstance(entries := said.get("refuse"), list):
            places = [layer.document.place((*REFUSE, index)) for index in range(len(entries))]
    return rules, places


def impossible_lifetime(
    layers: Iterable[Layer], rules: Mapping[str, Json], resources: Iterable[Declared]
) -> Iterator[Finding]:
    """A longest lifetime below the policy's minimum, with which no pass could be issued."""
    most = rules.get("maxLifetimeInMinutes")
    declared = next((each.tree for each in resources if each.resource == METHOD), {})
    least = declared.get("minimumLifetimeInMinutes")
    if not isinstance(most, int) or not isinstance(least, int) or most >= least:
        return
    for layer in reversed(list(layers)):
        if MAX_LIFETIME[1] in (layer.data.get("helpdesk") or {}):
            message = (
                f"helpdesk.maxLifetimeInMinutes is {most}, below {METHOD}'s minimum of {least} "
                "minutes, so no pass could be issued"
            )
            fix = "raise it, or lower minimumLifetimeInMinutes"
            yield finding(layer.document, MAX_LIFETIME, "helpdesk-rules", message, fix)
            return
