"""Helpdesk actions as the journal records them: one for each thing done or refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphpolicy.model import Json
from graphpolicy.model.records import dataclass

STEPS = frozenset(
    {
        "deleted",
        "deleting",
        "job_begun",
        "job_finished",
        "not_deleted",
        "preferred",
        "removed",
        "removing",
        "sessions",
    }
)
"""Events that are a step of one person's action, or about a whole list of people."""

OPENING = frozenset({"begun", "sending"})
CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class HelpdeskAction:
    """One action on one person: `at` is the journal's timestamp, `tenant` an id.

    `ended` is the journal's event with spaces, or CUT_OFF.
    """

    at: str
    tenant: str
    what: str
    by: str
    ended: str


def deeds(entries: Iterable[Mapping[str, Json]]) -> list[HelpdeskAction]:
    """Each action on a person and how it ended, by time.

    An action that began and has no end in the journal was cut off.
    """
    found: list[HelpdeskAction] = []
    begun: dict[tuple[str, str], HelpdeskAction] = {}
    for entry in entries:
        event = str(entry.get("event"))
        if event in STEPS:
            continue
        user, actor = _member(entry, "user"), _member(entry, "actor")
        reason = f" ({entry['reason']})" if entry.get("reason") else ""
        who = str(user.get("userPrincipalName") or user.get("id") or "somebody")
        action = str(entry.get("action"))
        deed = HelpdeskAction(
            str(entry.get("at")),
            str(entry.get("tenant")),
            f"{action} {who}{reason}",
            str(actor.get("name") or ""),
            CUT_OFF if event in OPENING else event.replace("_", " "),
        )
        earlier = begun.pop((action, who), None)
        if event in OPENING:
            begun[action, who] = deed
            found += [earlier] if earlier and not _again(earlier, deed) else []
        else:
            found.append(deed)
    return sorted([*found, *begun.values()], key=lambda each: each.at)


def _again(earlier: HelpdeskAction, deed: HelpdeskAction) -> bool:
    """Whether the later line continues the same action: a pass may be sent twice."""
    return earlier.what == deed.what and earlier.what.startswith("tap")


def _member(entry: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = entry.get(name)
    return value if isinstance(value, Mapping) else {}
