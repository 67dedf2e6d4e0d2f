"""What became of passes, as text for a person and as JSON for scripts.

A pass itself is shown only where it is asked for, once as it is and once in groups of four.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from graphpolicy.helpdesk.access_pass import Pass, Terms, in_fours
from graphpolicy.helpdesk.outcomes import Issuance, PassIssued, PassList, PassRevoked, PersonPasses
from graphpolicy.helpdesk.person import Person, person_json
from graphpolicy.model import Finding, Json, Tenant
from graphpolicy.model.records import dataclass
from graphpolicy.render import Style
from graphpolicy.render.as_json import members, tenant_json
from graphpolicy.render.as_text import text_of
from graphpolicy.render.blocks import Block, Code, FactList, Gap, Heading, Line, Table
from graphpolicy.render.escape import printable


@dataclass(frozen=True, slots=True)
class Span:
    """Start and end, in UTC."""

    starts: datetime
    ends: datetime


def span(starts: str, minutes: int) -> Span | None:
    """Start and end in UTC, from Graph's start and minutes; None if `starts` is not a timestamp."""
    try:
        begun = datetime.fromisoformat(starts)
        begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
        return Span(begun.astimezone(UTC), (begun + timedelta(minutes=minutes)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def both(moment: datetime) -> str:
    """A time in local time with its UTC offset, and in UTC, with the date if that is another."""
    here, utc = moment.astimezone(), moment.astimezone(UTC)
    offset = here.strftime("%z")
    there = f"{utc:%H:%M}" if here.date() == utc.date() else f"{utc:%Y-%m-%d %H:%M}"
    return f"{here:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}, {there} UTC"


def period(life: Span, *, dated: bool) -> str:
    """Start and end in local time, as one says it; with dates if they differ, or if `dated`."""
    starts, ends = life.starts.astimezone(), life.ends.astimezone()
    if starts.date() != ends.date():
        return f"from {starts:%H:%M on %Y-%m-%d} to {ends:%H:%M on %Y-%m-%d}"
    return f"{f'on {starts:%Y-%m-%d} ' if dated else ''}from {starts:%H:%M} to {ends:%H:%M}"


def wire(moment: datetime) -> str:
    """A time as Graph writes it: 2026-12-01T08:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


ADDRESS = "https://aka.ms/mysecurityinfo"
"""Microsoft's page for one's own sign-in methods (Entra: "Configure Temporary Access Pass")."""

INDENT = 10


def question(
    tenant: Tenant,
    person: Person,
    asked: Terms,
    before: Sequence[Pass],
    *,
    style: Style,
    notes: Sequence[Finding] = (),
) -> str:
    """What is about to be issued, for which person, and what it replaces."""
    starts = asked.starts and span(asked.starts, asked.lifetime)
    rows = [
        ("for", person.label),
        ("tenant", f"{tenant.name} ({tenant.id})"),
        ("valid", f"{asked.lifetime} minutes from {both(starts.starts) if starts else 'now'}"),
        ("works", _use(asked.once)),
    ]
    replaced = [each for each in before if each.alive]
    rows += [row for each in replaced for row in _pass_rows("replaces", each)]
    rows += [("warning", "the earlier pass stops working")] if replaced else []
    rows += [("note", each.message) for each in notes]
    return text_of((Heading("A Temporary Access Pass"), FactList(rows, INDENT)), style)


def lost_words(result: Issuance) -> str:
    """What happened to a pass whose secret was lost."""
    return f"{printable(result.error)}\n"


def revoke_question(person: Person, passes: Sequence[Pass], style: Style) -> str:
    """What is about to be revoked, and from which person."""
    rows = [("for", person.label), *(row for each in passes for row in _pass_rows("pass", each))]
    return text_of([FactList(rows, INDENT)], style)


def _issued(shown: PassIssued, style: Style) -> Iterator[Block]:
    """A pass that was issued: itself, or the file that has it."""
    result = shown.result
    rows: list[tuple[str, str]] = []
    if shown.shown:
        secret = shown.shown.reveal()
        rows += [("pass", secret), ("in fours", in_fours(secret))]
    elif shown.file:
        rows.append(("pass", f"in {shown.file}"))
    made = result.made
    life = span(made.starts, made.lifetime) if made else None
    if life:
        rows += [("starts", both(life.starts)), ("ends", both(life.ends))]
    once = made.once if made else result.asked.once
    rows.append(("works", _use(once)))
    rows += [row for each in result.replaced for row in _pass_rows("replaced", each)]
    sentence = f"Open {ADDRESS} and type your work address. Where it asks for a Temporary Access "
    sentence += "Pass, type the characters that I read to you in groups of four, without spaces."
    if life:
        # A person who reads it on another day needs the date.
        dated = result.asked.starts is not None
        sentence += f" It works {'once, ' if once else ''}{period(life, dated=dated)}."
    if once:
        sentence += " Finish the steps on the page within ten minutes of signing in."
    wrapped = textwrap.wrap(sentence, max(style.width - 2, 40), break_on_hyphens=False)
    yield Heading(f"Temporary Access Pass for {result.person.label}")
    yield FactList(rows, INDENT)
    yield from (Gap(), Line("Read out:"), Code(wrapped))


def blocks(result: PassIssued | PassList | PassRevoked, style: Style) -> Iterator[Block]:
    """A new pass, everyone's passes, a row each, or the outcome of revoking one person's."""
    if isinstance(result, PassIssued):
        yield from _issued(result, style)
        return
    if isinstance(result, PassList):
        rows = [row for each in result.people for row in _held(each)]
        yield Table(("USER", "PASS", "STARTS (UTC)", "ENDS (UTC)", "WORKS"), rows)
        return
    revoked = result.result
    for word, passes in (("revoked", revoked.gone), ("left", revoked.left)):
        yield from (Line(f"{word}: one pass ({each.state})") for each in passes)
    if revoked.ending == "nothing":
        yield Line(f"{revoked.person.label} has no pass")


def _held(each: PersonPasses) -> Iterator[tuple[str, ...]]:
    name = each.person.name if each.person else each.user
    if each.error:
        yield (name, "not read", "", "", "")
    for one in each.passes:
        life = span(one.starts, one.lifetime)
        times = (_short(life.starts), _short(life.ends)) if life else ("", "")
        yield (name, one.state, *times, "once" if one.once else "reusable")
    if not each.error and not each.passes:
        yield (name, "none", "", "", "")


def page(result: PassIssued | PassList | PassRevoked, style: Style) -> Iterator[Block]:
    """The same for Markdown and HTML, which are passed on: with the tenant and the person."""
    if isinstance(result, PassRevoked):
        yield Heading(f"Temporary Access Pass for {result.result.person.label}")
        yield FactList([("tenant", result.tenant.name)], INDENT)
    yield from blocks(result, style)


def document(result: PassIssued | PassList | PassRevoked, style: Style) -> Json:
    """Everyone with their passes, or what became of one person's. A new pass may be shown."""
    if isinstance(result, PassIssued):
        return _issued_json(result)
    if isinstance(result, PassList):
        return about(result.tenant, users=[_holding(each) for each in result.people])
    revoked = result.result
    return about(
        result.tenant,
        user=person_json(revoked.person),
        outcome=revoked.ending,
        gone=[_pass_json(each) for each in revoked.gone],
        left=[_pass_json(each) for each in revoked.left],
        **why_json(revoked.findings, revoked.error, revoked.help),
    )


def _holding(each: PersonPasses) -> Json:
    return {
        **(person_json(each.person) if each.person else {"userPrincipalName": each.user}),
        "passes": None if each.error else [_pass_json(one) for one in each.passes],
        "error": each.error or None,
    }


def _issued_json(shown: PassIssued) -> Json:
    result = shown.result
    made = result.made and _pass_json(result.made)
    if made and shown.shown:
        made = {**made, "temporaryAccessPass": shown.shown.reveal()}
    return about(
        shown.tenant,
        user=person_json(result.person),
        outcome=result.ending,
        asked=result.asked.body,
        **{"pass": made},
        replaced=[_pass_json(each) for each in result.replaced],
        **why_json(result.findings, result.error, result.help),
    )


def about(tenant: Tenant, **more: Json) -> dict[str, Json]:
    """A document about people of a tenant."""
    return {"tenant": tenant_json(tenant), **more}


def why_json(findings: Sequence[Finding], error: str, help_: str) -> dict[str, Json]:
    """Which rules refuse, and what went wrong."""
    return {
        "refused": ", ".join(refusing(findings)) or None,
        "findings": [members(each, "rule level message help") for each in findings],
        "error": {"message": error, "help": help_} if error else None,
    }


def refusing(findings: Iterable[Finding]) -> list[str]:
    """The rules that refuse, each once; notes don't."""
    return list(dict.fromkeys(each.rule for each in findings if each.level == "error"))


def _pass_json(one: Pass) -> dict[str, Json]:
    life = span(one.starts, one.lifetime)
    return {
        "id": one.id,
        "startDateTime": one.starts or None,
        "endDateTime": wire(life.ends) if life else None,
        "lifetimeInMinutes": one.lifetime,
        "isUsableOnce": one.once,
        "methodUsabilityReason": one.reason or None,
    }


def _pass_rows(name: str, one: Pass) -> Iterator[tuple[str, str]]:
    life = span(one.starts, one.lifetime)
    yield name, f"one pass ({one.state})"
    if life:
        yield "", f"which ends {both(life.ends)}"


def _use(once: bool) -> str:
    return "once" if once else "any number of times until it ends"


def _short(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
