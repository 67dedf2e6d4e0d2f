"""A report as a comment on a pull request: the verdict and the changes in full, the rest folded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from graphpolicy.compare.author_words import by_whom
from graphpolicy.model import Failure, Finding, Held, Place, Plan, Result
from graphpolicy.plan.emergency_entries import EMERGENCY
from graphpolicy.plan.protection import TENANT, protection_words
from graphpolicy.plan.review_order import ENDINGS, counted_housekeeping, outline, reviewed, weight
from graphpolicy.plan.rollout_changes import opened_sizes
from graphpolicy.plan.tally import settings
from graphpolicy.plan.verdict import Report, verdict
from graphpolicy.render import Style
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.render.diff_sections import diff_sections
from graphpolicy.render.escape import WARNING, short
from graphpolicy.render.findings import folded
from graphpolicy.render.impact_phrases import ImpactText, everywhere, said
from graphpolicy.render.phrases import (
    IN_NO_FILE,
    go_on,
    origin,
    undeclared,
    undoing_heading,
    undone,
    whose,
    why,
)
from graphpolicy.render.sections import CHUNK, Section, fitting, folded_away, portions

MOST = 60_000
"""Characters of a comment at most; GitHub takes 65,536."""

MOST_MARKED = 100
"""Tenants that the marker names; one of them is enough to find the comment by."""

FEW = 5
"""Errors of one rule that are shown one by one even if there is little room."""

REASONS = 3
"""How many reasons are quoted if many errors of one rule were accepted."""

LONGEST = 300
"""Characters of one line about people, or about a group."""

IMPACT = "**Impact**"

SIGNS = {"good": "✅", "warning": WARNING, "bad": "❌"}
LEVELS = {"error": "❌ **error**", "warning": f"{WARNING} **warning**", "note": "**note**"}


def render(report: Report, style: Style) -> str:
    """The marker, counts in the title, each tenant, and where it comes from in the footer."""
    title = f"graphpolicy {report.verb}{whose(report, code)}: {report.verdict}"
    head = f"{_marker(report)}\n### {title}"
    impact = everywhere(report.plans)
    below = f"{IMPACT}: {prose(impact, None)}\n\n" if impact and len(report.plans) > 1 else ""
    comes = origin(report, prose, code, lambda url: f"[run]({url})", digits=12)
    foot = f"\n<sub>{comes or 'graphpolicy'}</sub>\n"
    room = MOST - len(head) - len(below) - len(foot) - 1000
    text, left = fitting(list(_sections(report, style, fold=False)), room)
    if left.errors:
        text, left = fitting(list(_sections(report, style, fold=True)), room)
    if left:
        are = "is" if left.errors + left.changes == 1 else "are"
        head += f"; {left} {are} not shown here, the page of the plan has everything"
    return f"{head}\n\n{below}{text.lstrip()}{foot}" if below else f"{head}\n\n{text}{foot}"


def _sections(report: Report, style: Style, *, fold: bool) -> Iterator[Section]:
    """All of a report. With `fold`, many errors of one rule are listed together, by place."""
    yield from _errors("", report.findings, style, fold=fold)
    if way := go_on(report, style.typed):
        yield Section(0, "how to continue", f"\n{prose(way, None)}\n")
    for heading, plan in reviewed(report.plans):
        if heading:
            yield Section(0, "rings", f"\n### {heading}\n")
        yield from _tenant(plan, report, style, fold=fold)


def _marker(report: Report) -> str:
    """The invisible line by which `ci comment` finds the comment again. It has no names."""
    plans = [plan for plan in report.plans if isinstance(plan, Plan)]
    data = {
        "v": 1,
        "tenants": [plan.tenant.id for plan in report.plans][:MOST_MARKED],
        "digests": [plan.digest for plan in plans if plan.digest][:MOST_MARKED],
        "commit": report.origin.commit,
    }
    people = [number for plan in plans for number in opened_sizes(plan.rollouts).values()]
    if people:
        data["people"] = people[:MOST_MARKED]
    text = json.dumps(data, separators=(",", ":")).replace("-->", "").replace("<", "")
    return f"<!-- graphpolicy:{report.verb} {text} -->"


def _tenant(plan: Plan | Failure, report: Report, style: Style, *, fold: bool) -> Iterator[Section]:
    name = short(plan.tenant.name, 60)
    found = verdict(plan, report)
    lead = f"\n#### {code(plan.tenant.name)}\n\n" if len(report.plans) > 1 else ""
    rank = 0 if weight(plan) < 2 else 3
    made = plan.plan if isinstance(plan, Failure) else plan
    impact = said(made) if made else None
    reaches = f"  \n{IMPACT}: {prose(impact.headline, None)}" if impact else ""
    yield Section(rank, "tenants", f"{lead}{SIGNS[found.mood]} **{prose(found.text)}**{reaches}\n")
    if isinstance(plan, Failure):
        text = "".join(f"* {prose(line)}\n" for line in why(plan))
        yield Section(1, "failures", f"\n{text}")
        yield from _protection(plan)
        if plan.plan is None:
            return
        plan = plan.plan
    drift = report.verb == "drift"
    parts = outline(plan, report.verb)
    now = parts.now
    yield from _impact(impact)
    yield from _errors(name, (*now.refusals, *now.accepted), style, fold=fold)
    yield from _results(report.results.get(plan.tenant.id, ()))
    if parts.ends:
        yield Section(2, "what ends", "\n**Ends a method, or touches emergency access:**\n")
        yield from diff_sections(parts.ends, report.verb, 2)
    yield from _protection(plan)
    yield from (_finding(name, finding, style) for finding in now.warnings)
    yield from diff_sections(parts.rest, report.verb, 3)
    yield from _unmanaged(plan)
    if drift and plan.changes:
        lines = "".join(f"* {prose(undone(change))}\n" for change in plan.changes)
        yield Section(6, "what an apply would undo", f"\n**{undoing_heading(plan)}:**\n\n{lines}")
        yield from (_finding(name, finding, style) for finding in folded(parts.undoing))
    yield from _details(plan, style)
    if now.housekeeping:
        line = counted_housekeeping(now.housekeeping)
        text = "".join(_finding(name, each, style).text for each in now.housekeeping)
        yield Section(6, "lines that no longer do anything", folded_away(line, text), f"\n{line}\n")
    if now.notes:
        text = "".join(_finding(name, finding, style).text for finding in folded(now.notes))
        yield Section(7, "notes", folded_away(f"Notes ({len(now.notes)})", text))
    if plan.held:
        text = "".join(map(_held, plan.held))
        yield Section(
            6, "held", folded_away(f"Held, neither planned nor drift ({len(plan.held)})", text)
        )
    if plan.unmodelled:
        text = "".join(f"* {code(item)}\n" for item in plan.unmodelled)
        yield Section(
            8, "unmodelled", folded_away("Not known to this release and left alone", text)
        )


def _impact(impact: ImpactText | None) -> Iterator[Section]:
    """The lines below the headline, folded. Long lists are split, so a part can be left out."""
    if not impact:
        return
    pieces = list[str]()
    for part in impact.parts:
        lead = f"\n{prose(part.title)}:\n\n" if part.title else ""
        first, *rest = (f"* {prose(line, LONGEST)}\n" for line in part.lines)
        pieces += (f"{lead}{first}", *rest)
    if impact.as_of:
        pieces.append(f"\n{prose(impact.as_of)}.\n")
    summary = "Who it reaches"
    for chunk in portions(pieces):
        text = "".join(chunk).lstrip()
        yield Section(5, "who it reaches", folded_away(summary, text))
        summary = "Who it reaches, continued"


def _errors(
    name: str, findings: Iterable[Finding], style: Style, *, fold: bool
) -> Iterator[Section]:
    """Refused and accepted errors: one by one, or with `fold` many of one rule together."""
    alike: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.rule, bool(finding.acknowledged)), []).append(finding)
    for same in alike.values():
        if fold and len(same) > FEW:
            yield from _together(name, same)
        else:
            yield from (_finding(name, finding, style) for finding in same)


def _together(name: str, same: Sequence[Finding]) -> Iterator[Section]:
    """Many findings of one rule, each by its place; the page has their messages."""
    one = same[0]
    accepted = ", accepted" if one.acknowledged else ""
    lead = f"* {LEVELS[one.level]} `{one.rule}`, {len(same)} of them{accepted}: "
    reasons = list(dict.fromkeys(each.acknowledged for each in same if each.acknowledged))
    quoted = "; ".join(prose(reason, 200) for reason in reasons[:REASONS])
    more = f"; and {len(reasons) - REASONS} other reasons" if len(reasons) > REASONS else ""
    tail = f"  \n  accepted: {quoted}{more}" if quoted else ""
    for part in portions(map(_where, same), between=2):
        text = f"\n{lead}{', '.join(part)}{tail}\n"
        yield Section(0, _whose(name), text, kind=one.rule, errors=len(part), first=True)
        lead, tail = f"* `{one.rule}`, more of them: ", ""


def _where(finding: Finding) -> str:
    """What distinguishes a finding from others of its rule: setting, place or message."""
    what = ".".join(filter(None, (finding.resource, finding.path)))
    if finding.resource or not finding.source:
        return code(what or finding.message, 300)
    return code(": ".join(filter(None, (str(finding.source), what))), 300)


def _whose(name: str) -> str:
    return f"findings of {code(name)}" if name else "findings"


def _finding(name: str, finding: Finding, style: Style) -> Section:
    lead = f"* {LEVELS[finding.level]} `{finding.rule}`"
    lines = [f"{lead}: {prose(finding.message, None)}"]
    if finding.source:
        lines[0] += f" ({_place(finding.source, style)})"
    if finding.acknowledged:
        lines.append(f"  accepted: {prose(finding.acknowledged)}")
    if finding.help:
        lines.append(f"  help: {prose(finding.help)}")
    text = "\n" + "  \n".join(lines) + "\n"
    what = _where(finding)
    brief = f"\n{lead}{' (accepted)' if finding.acknowledged else ''}"
    brief += f": {what}, more on the page of the plan\n"
    if len(text) > CHUNK:
        rank = 6
    elif finding.level == "error":
        rank = 1
    elif finding.rule in ENDINGS:
        rank = 2
    else:
        rank = 4 if finding.acknowledged else 5
    errors = int(finding.level == "error")
    return Section(rank, _whose(name), text, brief, kind=finding.rule, errors=errors)


def _results(results: Sequence[Result]) -> Iterator[Section]:
    if results:
        text = "".join(
            f"* `{result.outcome}` {code(result.title)}, {settings(len(result.paths))}"
            + (f": {prose(result.error)}" if result.error else "")
            + "\n"
            for result in results
        )
        yield Section(1, "results", f"\n{text}")


def _protection(plan: Plan | Failure) -> Iterator[Section]:
    """How the tenant's protection differs from the base: not folded, and before the changes."""
    if plan.protection:
        yield Section(0, "protection", "\n**What protects this tenant differs from the base:**\n")
    for item in plan.protection:
        sign = f"{WARNING} weaker: " if item.weaker else ""
        text = f"* {sign}{prose(protection_words(item))}\n"
        brief = f"* {sign}{code(short(item.key, 60))}, more on the page of the plan\n"
        rank = 5 if not item.weaker else 2 if item.key in (EMERGENCY, TENANT) else 4
        yield Section(rank, "protection", text, brief, kind=item.key)


def _details(plan: Plan, style: Style) -> Iterator[Section]:
    """Each change with the portal's label and the line that declares it."""
    for title, run in groupby(plan.changes, key=lambda change: change.title):
        rows = [
            f"* {code(change.path)}: {prose(change.label)}"
            + (f", {_place(change.source, style)}" if change.source else "")
            + "\n"
            for change in run
        ]
        summary = f"<code>{escape(short(title, 60))}</code> in the portal and in the files"
        yield Section(
            6, f"details of {code(short(title, 60))}", folded_away(summary, "".join(rows))
        )


def _unmanaged(plan: Plan) -> Iterator[Section]:
    """What no file declares; what makes a drift is not folded away from a full comment."""
    if plan.unmanaged:
        first = any(each.counts for each in plan.unmanaged)
        yield Section(2 if first else 4, "what is in no file", f"\n**{IN_NO_FILE}:**\n")
    for item in plan.unmanaged:
        lead, *rest = undeclared(item)
        sign = f"{WARNING} " if item.counts else ""
        below = "".join(f"  * {prose(line, None)}\n" for line in rest)
        text = f"* {sign}{prose(lead, None)}\n{below}"
        brief = f"* {sign}{code(short(item.name, 60))}, more on the page of the plan\n"
        yield Section(3 if item.counts else 5, "what is in no file", text, brief)


def _held(item: Held) -> str:
    scope = item.scope
    by = by_whom(item.changed_by)
    text = f"* {code(item.name)}: {code(item.live_label)}{prose(f' (by {by})') if by else ''}"
    if item.declared_label:
        text += f", declared {code(item.declared_label)}"
    return f"{text}; {prose(f'until {scope.expires}, {scope.owner}: {scope.reason}')}\n"


def _place(place: Place, style: Style) -> str:
    where = code(str(place))
    address = style.link(place)
    return f"[{where}]({address})" if "://" in address else where
