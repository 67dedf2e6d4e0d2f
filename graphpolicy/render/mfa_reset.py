"""Resets of one person or many: what one would do, and its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from graphpolicy.helpdesk.house_rules import RULES_UNKNOWN
from graphpolicy.helpdesk.outcomes import number_of_people
from graphpolicy.helpdesk.person import person_json
from graphpolicy.helpdesk.registered_methods import RegisteredMethod
from graphpolicy.helpdesk.reset import ENDINGS, PlannedReset, Reset, ResetMany, ResetOne, Sessions
from graphpolicy.model import Json, Tenant
from graphpolicy.render import Style
from graphpolicy.render.as_text import text_of
from graphpolicy.render.blocks import Block, Command, FactList, Heading, Line, Table
from graphpolicy.render.mfa_list import method_json
from graphpolicy.render.tap import INDENT, about, why_json

SESSIONS: dict[Sessions, str] = {
    "ended": "ended",
    "unsaid": "Graph accepted the request but reports that they did not end",
    "failed": "not ended",
    "kept": "kept, as requested",
    "not_tried": "not tried",
}
COLUMNS = ("userPrincipalName", "id", "outcome", "gone", "left", "kept", "sessions", "error")


def question(tenant: Tenant, planned: PlannedReset, style: Style) -> str:
    """What is about to be deleted, and from which person."""
    rows = [
        ("for", planned.person.label),
        ("tenant", f"{tenant.name} ({tenant.id})"),
        *(("deletes", _chosen(planned, each)) for each in planned.chosen),
        *(("stays", f"{each.words}: this release can't delete it") for each in planned.unknown),
        *(("stays", f"{_pass(each)} (--keep-passes)") for each in planned.kept),
    ]
    if not planned.chosen:
        rows.append(("deletes", "nothing: only the password is registered"))
    if any(each.is_pass for each in planned.chosen):
        rows.append(
            ("note", "--keep-passes keeps the pass, so that the person can register with it")
        )
    ends = planned.wish.sessions
    rows.append(("sessions", "all end; --keep-sessions keeps them" if ends else "stay"))
    if ends and planned.person.external:
        rows.append(("note", "a guest signs in to the home tenant, where sessions continue"))
    rows += [("note", each.message) for each in planned.notes]
    return text_of((Heading("Require re-registration"), FactList(rows, INDENT)), style)


def question_many(
    tenant: Tenant, planned: Sequence[PlannedReset], done: int, since: str, style: Style
) -> str:
    """The same of many, counted."""
    counted = Counter(each.label for one in planned for each in one.chosen)
    rows = [("for", number_of_people(len(planned))), ("tenant", f"{tenant.name} ({tenant.id})")]
    if done:
        rows.append(("", f"{done:,} more were already reset by the interrupted run of {since}"))
    rows += [("deletes", f"{count:,} {label}") for label, count in sorted(counted.items())]
    none = sum(not one.chosen for one in planned)
    rows += [("", f"nothing is registered for {number_of_people(none)}")] if none else []
    unknown = sum(len(one.unknown) for one in planned)
    rows += [("stays", f"{unknown:,} of a type that this release can't delete")] if unknown else []
    kept = sum(len(one.kept) for one in planned)
    rows += [("stays", f"{kept:,} Temporary Access Pass")] if kept else []
    ends = any(one.wish.sessions for one in planned)
    rows.append(("sessions", "all end; --keep-sessions keeps them" if ends else "stay"))
    rows += [("note", text) for text in _notes(planned)]
    return text_of((Heading("Require re-registration"), FactList(rows, INDENT)), style)


def _notes(planned: Sequence[PlannedReset]) -> Iterable[str]:
    """The notes on many people: one note for each rule, and how many other people it is about."""
    counted = Counter(note.rule for one in planned for note in one.notes)
    first = {note.rule: note.message for one in reversed(planned) for note in one.notes}
    for rule, count in counted.items():
        about_all = rule == RULES_UNKNOWN
        others = "" if about_all or count == 1 else f"; also for {count - 1:,} others"
        yield f"{first[rule]}{others}"


def blocks(result: ResetOne | ResetMany, style: Style) -> Iterator[Block]:
    """The outcome of one person's reset; of many resets, the unfinished ones and the counts."""
    if isinstance(result, ResetOne):
        yield Heading(f"{result.result.person.label}: {ENDINGS[result.result.ending]}")
        if rows := list(_account_rows(result.result)):
            yield FactList(rows, INDENT)
        if result.next:
            yield Command(f"{'next':<{INDENT}}", result.next)
        return
    unfinished = [
        (each.person.name, ENDINGS[each.ending], _short(each))
        for each in result.found.results
        if each.ending not in ("reset", "done_before", "not_begun", "declined", "dry_run")
    ]
    if unfinished:
        yield Table(("USER", "OUTCOME", "WHY"), unfinished)
    yield Line(result.verdict)


def page(result: ResetOne | ResetMany, style: Style) -> Iterator[Block]:
    """The same for a file, which lists everyone."""
    if isinstance(result, ResetOne):
        yield from blocks(result, style)
        return
    yield Heading(f"graphpolicy mfa reset for {result.tenant.name}: {result.verdict}")
    if result.found.error:
        yield Line(f"error: {result.found.error}")
    head = ("user", "outcome", "deleted", "left", "sessions", "why")
    columns = (_columns(each) for each in result.found.results)
    yield Table(head, [(one[0], *one[2:5], *one[6:]) for one in columns])


def _account_rows(result: Reset) -> list[tuple[str, str]]:
    rows = [("deleted", each.words) for each in result.of("gone")]
    rows += [("deleted", f"{each.words}, not read back") for each in result.of("accepted")]
    if result.ending not in ("declined", "dry_run"):
        rows += [
            ("left" if fate.state == "left" else "unknown", _left(fate.method, fate.error))
            for fate in result.fates
            if fate.state in ("left", "unknown")
        ]
    rows += [("kept", _pass(each)) for each in result.kept]
    rows += [("default", f"was changed to {result.preferred} first")] if result.preferred else []
    if result.ending in ("reset", "partly", "failed", "interrupted"):
        rows.append(("sessions", SESSIONS[result.sessions]))
    if result.ending not in ("refused", "declined", "dry_run"):
        rows.append(("has now", _has(result)))
    return rows


def document(result: ResetOne | ResetMany, style: Style) -> Json:
    """The outcome for one person, or for everyone."""
    if isinstance(result, ResetOne):
        return about(result.tenant, **_account(result.result), next=result.next or None)
    found = result.found
    return about(
        result.tenant,
        exit_code=found.exit_code,
        continues=found.since or None,
        error={"message": found.error, "help": found.help} if found.error else None,
        users=[_account(each) for each in found.results],
    )


def table(result: ResetMany, style: Style) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """A row for each person."""
    return COLUMNS, map(_columns, result.found.results)


def _columns(result: Reset) -> tuple[str, ...]:
    return (
        result.person.name,
        result.person.id,
        result.ending,
        "; ".join(each.words for each in result.of("gone", "accepted")),
        "; ".join(each.words for each in result.of("left", "unknown")),
        "; ".join(_pass(each) for each in result.kept),
        result.sessions,
        _short(result),
    )


def _short(result: Reset) -> str:
    refused = (each.message for each in result.findings if each.level == "error")
    return result.error or ", ".join(refused)


def _account(result: Reset) -> dict[str, Json]:
    return {
        "user": person_json(result.person),
        "outcome": result.ending,
        "methods": [
            {**method_json(fate.method), "state": fate.state, "error": fate.error or None}
            for fate in result.fates
        ],
        "kept": [method_json(each) for each in result.kept],
        "has": [method_json(each) for each in result.has],
        "sessions": result.sessions,
        "preferred": result.preferred or None,
        **why_json(result.findings, result.error, result.help),
    }


def _chosen(planned: PlannedReset, method: RegisteredMethod) -> str:
    words = _pass(method) if method.is_pass else method.words
    return f"{words} (the default)" if planned.preference.serves(method) else words


def _pass(method: RegisteredMethod) -> str:
    state = method.access_pass.state if method.access_pass else "unknown"
    return f"{method.label}, {state}"


def _has(result: Reset) -> str:
    """What a person still has, in a few words."""
    some = [each.words for each in result.has if each.use != "password"]
    return ", ".join(some) if some else "only the password"


def _left(method: RegisteredMethod, why: str) -> str:
    return f"{method.words}: {why}" if why else method.words
