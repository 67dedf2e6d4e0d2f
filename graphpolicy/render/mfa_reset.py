"""Resets in words: what one would do, and what became of it, for one person and for many."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from graphpolicy.helpdesk.house_rules import RULES_UNKNOWN
from graphpolicy.helpdesk.methods import Method
from graphpolicy.helpdesk.person import person_json
from graphpolicy.helpdesk.reset import Ending, Planned, Reset, Resets, Sessions
from graphpolicy.model import Json, Tenant
from graphpolicy.render import Style
from graphpolicy.render.as_markdown import code
from graphpolicy.render.escape import printable
from graphpolicy.render.mfa_list import method_json
from graphpolicy.render.table import render_csv, render_table
from graphpolicy.render.tap import INDENT, document, why_json

SESSIONS: dict[Sessions, str] = {
    "ended": "ended",
    "unsaid": "Graph took the request and says that they did not end",
    "failed": "not ended",
    "kept": "kept, as was asked for",
    "not_tried": "not tried",
}
ENDINGS: dict[Ending, str] = {
    "reset": "must register anew",
    "partly": "partly reset",
    "failed": "not reset",
    "refused": "refused",
    "declined": "declined",
    "nothing": "nothing to delete",
    "dry_run": "would be reset",
    "interrupted": "interrupted",
    "not_begun": "not begun",
    "done_before": "done before",
}
COLUMNS = ("userPrincipalName", "id", "outcome", "gone", "left", "kept", "sessions", "error")


def question(tenant: Tenant, planned: Planned, style: Style) -> str:
    """What is about to be deleted, of whom."""
    rows = [
        ("for", planned.person.label),
        ("tenant", f"{tenant.name} ({tenant.id})"),
        *(("deletes", _chosen(planned, each)) for each in planned.chosen),
        *(("stays", f"{each.words}: no DELETE of it is known") for each in planned.unknown),
        *(("stays", f"{_pass(each)} (--keep-passes)") for each in planned.kept),
    ]
    if not planned.chosen:
        rows.append(("deletes", "nothing: there is nothing but the password"))
    if any(each.is_pass for each in planned.chosen):
        rows.append(("note", "--keep-passes keeps the pass, to register with"))
    ends = planned.wish.sessions
    rows.append(("sessions", "all end; --keep-sessions keeps them" if ends else "stay"))
    if ends and planned.person.external:
        rows.append(("note", "a guest signs in at home, where sessions go on"))
    rows += [("note", each.message) for each in planned.notes]
    return "Require re-registration\n" + _facts(rows, style)


def question_many(
    tenant: Tenant, planned: Sequence[Planned], done: int, since: str, style: Style
) -> str:
    """The same of many, counted."""
    counted = Counter(each.label for one in planned for each in one.chosen)
    rows = [("for", people(len(planned))), ("tenant", f"{tenant.name} ({tenant.id})")]
    if done:
        rows.append(("", f"{done:,} more were done by the run of {since}, which was cut off"))
    rows += [("deletes", f"{count:,} {label}") for label, count in sorted(counted.items())]
    none = sum(not one.chosen for one in planned)
    rows += [("", f"nothing of {people(none)} with nothing registered")] if none else []
    unknown = sum(len(one.unknown) for one in planned)
    rows += [("stays", f"{unknown:,} types that are not known here")] if unknown else []
    kept = sum(len(one.kept) for one in planned)
    rows += [("stays", f"{kept:,} Temporary Access Pass")] if kept else []
    ends = any(one.wish.sessions for one in planned)
    rows.append(("sessions", "all end; --keep-sessions keeps them" if ends else "stay"))
    rows += [("note", text) for text in _notes(planned)]
    return "Require re-registration\n" + _facts(rows, style)


def _notes(planned: Sequence[Planned]) -> Iterable[str]:
    """The notes on many people: one of each rule, and of how many others it is said, too."""
    counted = Counter(note.rule for one in planned for note in one.notes)
    first = {note.rule: note.message for one in reversed(planned) for note in one.notes}
    for rule, count in counted.items():
        about_all = rule == RULES_UNKNOWN
        others = "" if about_all or count == 1 else f"; so for {count - 1:,} others"
        yield f"{first[rule]}{others}"


def account(result: Reset, style: Style, next_: str = "") -> str:
    """What became of one person's reset; `next_` is the command that goes on from here."""
    rows = [("gone", each.words) for each in result.of("gone")]
    rows += [("deleted", f"{each.words}, not read back") for each in result.of("accepted")]
    if result.ending not in ("declined", "dry_run"):
        rows += [
            ("left" if fate.state == "left" else "unknown", _left(fate.method, fate.error))
            for fate in result.fates
            if fate.state in ("left", "unknown")
        ]
    rows += [("kept", _pass(each)) for each in result.kept]
    rows += (
        [("default", f"had to become {result.preferred} on the way")] if result.preferred else []
    )
    if result.ending in ("reset", "partly", "failed", "interrupted"):
        rows.append(("sessions", SESSIONS[result.sessions]))
    if result.ending not in ("refused", "declined", "dry_run"):
        rows.append(("has now", _has(result)))
    head = f"{printable(result.person.label)}: {ENDINGS[result.ending]}\n"
    last = f"  {'next':<{INDENT}}{printable(next_)}\n" if next_ else ""  # whole, to be copied
    return head + _facts(rows, style) + last


def account_many(found: Resets, style: Style) -> str:
    """Who is not done with, each, and a last line that counts."""
    rows = [
        (each.person.name, ENDINGS[each.ending], _short(each))
        for each in found.results
        if each.ending not in ("reset", "done_before", "not_begun", "declined", "dry_run")
    ]
    table = render_table(("USER", "BECAME", "WHY"), rows, style) if rows else ""
    return f"{table}{counts(found)}\n"


def accounts(found: Resets, tenant: Tenant, format_: str, style: Style) -> str:
    """The account of many in a format."""
    match format_:
        case "json":
            return accounts_json(found, tenant)
        case "csv":
            return accounts_csv(found)
        case "markdown":
            return accounts_markdown(found, tenant)
        case _:
            return account_many(found, style)


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def counts(found: Resets) -> str:
    """How many ended in which way."""
    counted = Counter(each.ending for each in found.results)
    some = [f"{counted[each]:,} {words}" for each, words in ENDINGS.items() if counted[each]]
    return f"{people(len(found.results))}: {', '.join(some) or 'nobody was reset'}"


def account_json(result: Reset, tenant: Tenant, next_: str = "") -> str:
    """One person's account."""
    return document(tenant, **_account(result), next=next_ or None)


def accounts_json(found: Resets, tenant: Tenant) -> str:
    """Everybody's account."""
    return document(
        tenant,
        exit_code=found.exit_code,
        continues=found.since or None,
        error={"message": found.error, "help": found.help} if found.error else None,
        users=[_account(each) for each in found.results],
    )


def accounts_csv(found: Resets) -> str:
    """A line a person, for spreadsheets."""
    return render_csv(COLUMNS, map(_columns, found.results))


def accounts_markdown(found: Resets, tenant: Tenant) -> str:
    """The counts, and a table of everybody."""
    lines = [f"### graphpolicy mfa reset for {_code(tenant.name)}: {counts(found)}", ""]
    lines += [f"**error**: {_code(found.error)}", ""] if found.error else []
    lines += ["| user | outcome | gone | left | sessions | why |", "| --- " * 6 + "|"]
    for each in found.results:
        name, _, outcome, gone, left, _, sessions, error = _columns(each)
        cells = (_code(name), outcome, _code(gone), _code(left), sessions, _code(error))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Text as a code span that ends no cell of a table."""
    return code(text).replace("|", "\\|") if text else ""


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


def _facts(rows: Iterable[tuple[str, str]], style: Style) -> str:
    """Named facts, a line each and more where the terminal is narrow."""
    rest = " " * (INDENT + 2)
    lines = (
        textwrap.fill(
            f"  {name:<{INDENT}}{printable(text)}",
            max(style.width, 40),
            subsequent_indent=rest,
            break_on_hyphens=False,
        )
        for name, text in rows
    )
    return "".join(f"{line}\n" for line in lines)


def _chosen(planned: Planned, method: Method) -> str:
    words = _pass(method) if method.is_pass else method.words
    return f"{words} (the default)" if planned.preference.serves(method) else words


def _pass(method: Method) -> str:
    state = method.access_pass.state if method.access_pass else "unknown"
    return f"{method.label}, {state}"


def _has(result: Reset) -> str:
    """What somebody has left, in a few words."""
    some = [each.words for each in result.has if each.use != "password"]
    return ", ".join(some) if some else "nothing but the password"


def _left(method: Method, why: str) -> str:
    return f"{method.words}: {why}" if why else method.words
