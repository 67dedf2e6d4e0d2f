"""A report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphpolicy.compare.author_words import by_whom
from graphpolicy.model import Failure, Finding, Plan, Result
from graphpolicy.model.errors import Exit
from graphpolicy.plan.protection import protection_words
from graphpolicy.plan.tally import about_state, counts, settings
from graphpolicy.plan.verdict import Report, ended, undoing_refused
from graphpolicy.render import Style
from graphpolicy.render.ansi import Segment, StyledLine, fitted, styled
from graphpolicy.render.as_text import SIGNS, diff_lines
from graphpolicy.render.findings import COLORS, finding_lines, folded
from graphpolicy.render.impact_phrases import said
from graphpolicy.render.phrases import (
    IN_NO_FILE,
    carried_out,
    changed,
    go_on,
    undeclared,
    undoing_heading,
    undone,
    way_on,
)
from graphpolicy.render.plan_diff import diffs
from graphpolicy.rollouts.rings import headed

FROZEN = "tenant-frozen"
AFTERWARDS = "files-still-ask"
"""The rule whose findings come after an apply. All others were shown with its plan."""


def render(report: Report, style: Style) -> str:
    """Each tenant in turn; the last line counts, and names the rule that refuses the plan."""
    lines = (styled(line, color=style.color) for line in _lines(report, style))
    text = "".join(f"{line}\n" for line in lines)
    return fitted(text, style.width) if style.fit else text


def _lines(report: Report, style: Style) -> Iterator[StyledLine]:
    for heading, plans in headed(report.plans):
        if heading:
            yield [(heading, "bold")]
            yield []
        for plan in plans:
            yield from _tenant(plan, report, style)
    yield from _findings(report.findings, style)
    if len(report.plans) > 1:
        yield from _ways_on(report, style)
        yield _total(report)


def _tenant(plan: Plan | Failure, report: Report, style: Style) -> Iterator[StyledLine]:
    if isinstance(plan, Failure):
        if plan.plan:
            yield from _planned(plan.plan, report.verb, style)
        yield from _failed(plan)
        return
    unsent = report.unsent.get(plan.tenant.id)
    shown = style.brief and plan.changes and not plan.refused
    if not shown or (unsent and not unsent.shown):
        yield from _planned(plan, report.verb, style)
    yield from _results(plan, report, style)


def _failed(failure: Failure) -> Iterator[StyledLine]:
    yield _head(failure.tenant.name, f"{failure.tenant.id}, from {failure.file}")
    yield [(f"error[{failure.code}]", "bold red"), f": {failure.message}"]
    for detail in failure.details:
        yield [f"  {detail}"]
    if failure.help:
        yield [f"  help: {failure.help}"]
    yield from _protection(failure)
    yield [f"{failure.tenant.name}: {ended(failure)}; nothing was written"]
    yield []


def _planned(plan: Plan, verb: str, style: Style) -> Iterator[StyledLine]:
    tenant = plan.tenant
    cloud = "" if tenant.cloud == "global" else f", {tenant.cloud} cloud"
    read = " and ".join(plan.versions)
    yield _head(tenant.name, f"{tenant.id}{cloud}")
    yield [(f"{plan.file} against Graph {read}", "dim")]
    if plan.only:
        yield [(f"limited to {', '.join(plan.only)}", "bold")]
    yield []
    first = [finding for finding in plan.findings if finding.rule == FROZEN]
    yield from _findings(first, style)
    if first:
        yield []
    yield from _impact(plan)
    yield from _protection(plan)
    for diff in diffs(plan.changes, verb):
        yield from diff_lines(diff, style)
    yield from _unmanaged(plan, style)
    yield from _held(plan)
    rest = [finding for finding in plan.findings if finding not in first]
    if verb == "drift":
        yield from _undoing(plan, [each for each in rest if not about_state(each.rule)], style)
        rest = [finding for finding in rest if about_state(finding.rule)]
    shown = list(_findings(rest, style))
    yield from shown
    if shown:
        yield []
    if plan.unmodelled:
        yield [("Not known to this release and left alone:", "dim")]
        for item in plan.unmodelled:
            yield [(f"  {item}", "dim")]
        yield []


def _impact(plan: Plan) -> Iterator[StyledLine]:
    impact = said(plan)
    if not impact:
        return
    yield [("Impact", "bold"), ": ", (impact.headline, "bold red" if impact.bad else "")]
    for part in impact.parts:
        if part.title:
            yield [f"  {part.title}"]
        yield from ([f"  {'  ' if part.title else ''}{line}"] for line in part.lines)
    if impact.as_of:
        yield [(f"  {impact.as_of}", "dim")]
    yield []


def _protection(plan: Plan | Failure) -> Iterator[StyledLine]:
    if plan.protection:
        yield [("What protects this tenant differs from the base", "bold")]
        for each in plan.protection:
            lead = ("weaker  ", "red") if each.weaker else "        "
            yield ["  ", lead, protection_words(each)]
        yield []


def _undoing(plan: Plan, findings: list[Finding], style: Style) -> Iterator[StyledLine]:
    if not plan.changes:
        return
    yield [(undoing_heading(plan), "bold")]
    for change in plan.changes:
        yield [f"  {undone(change)}"]
    yield from _findings(findings, style)
    yield []


def _findings(findings: Iterable[Finding], style: Style) -> Iterator[StyledLine]:
    for finding in folded(findings, quiet=style.quiet):
        first, *rest = finding_lines(finding, color=False)
        lead, _, message = first.partition(f"[{finding.rule}]: ")
        color = "dim" if finding.acknowledged else COLORS[finding.level]
        yield [(f"{lead}[{finding.rule}]", color), f": {message}"]
        yield from ([text] for text in rest)


def _unmanaged(plan: Plan, style: Style) -> Iterator[StyledLine]:
    if not plan.unmanaged:
        return
    yield [(IN_NO_FILE, "bold")]
    for item in plan.unmanaged:
        first, *rest = undeclared(item)
        yield ["  ", ("! ", "bold red") if item.counts else ("~ ", SIGNS["~"]), first]
        yield from ([f"      {line}"] for line in rest)
        if item.label:
            yield [(f"      {item.label}", "dim")]
        if style.fit and item.changed_by and (address := item.changed_by[0].ip_address):
            yield [(f"      from {address}", "dim")]  # on a terminal, which nobody publishes
    yield []


def _held(plan: Plan) -> Iterator[StyledLine]:
    if not plan.held:
        return
    yield [("Held, neither planned nor drift", "bold")]
    for item in plan.held:
        declared = f", declared {item.declared_label}" if item.declared_label else ""
        yield [f"  {item.name}: {item.live_label}{declared}"]
        if by := by_whom(item.changed_by):
            yield [f"      changed by {by}"]
        scope = item.scope
        source = f"{scope.place}  " if scope.place else ""
        lead = f"      {source}until {scope.expires}, {scope.owner}: {scope.reason}"
        yield [(lead, "dim")]
    yield []


def _ways_on(report: Report, style: Style) -> Iterator[StyledLine]:
    for text in (go_on(report, style.typed), way_on(report, style.typed)):
        if text:
            yield [f"help: {text}"]


def _results(plan: Plan, report: Report, style: Style) -> Iterator[StyledLine]:
    results = report.results.get(plan.tenant.id, ())
    for result in results:
        yield from _result(result)
    if results:
        yield []
    if results and style.brief:
        yield from _findings([each for each in plan.findings if each.rule == AFTERWARDS], style)
    if len(report.plans) == 1:
        yield from _ways_on(report, style)
    yield _counts(plan, report, style)
    if len(report.plans) > 1:
        yield []


def _head(name: str, rest: str) -> StyledLine:
    return [(name, "bold"), f"  {rest}"]


def _result(result: Result) -> Iterator[StyledLine]:
    good = result.exit_code == Exit.DONE
    style = "green" if good else "dim" if result.outcome == "skipped" else "bold red"
    line: list[Segment] = [(f"{result.outcome:<13}", style), f" {result.title}"]
    line.append(f", {settings(len(result.paths))}")
    if result.request_id:
        line.append((f"  request-id {result.request_id}", "dim"))
    yield line
    below = [*(result.paths if not good else ()), *([result.error] if result.error else [])]
    yield from ([f"              {text}"] for text in below)


def _counts(plan: Plan, report: Report, style: Style) -> StyledLine:
    line: list[Segment] = [f"{plan.tenant.name}: "] if len(report.plans) > 1 else []
    if report.results.get(plan.tenant.id):
        return [*line, (carried_out(plan, report, style.common), "bold")]
    line.append((counts((plan,), report.verb), "bold"))
    unsent = report.unsent.get(plan.tenant.id)
    if unsent:
        line.append(f"; {unsent.why[0].lower() + unsent.why[1:]}")
    drift = report.verb == "drift"
    if rules := undoing_refused(plan) if drift else plan.refused:
        lead = "an apply would be refused" if drift else "refused"
        line.append((f"; {lead}: {rules}", "bold red"))
    return line


def _total(report: Report) -> StyledLine:
    plans = [plan for plan in report.plans if isinstance(plan, Plan)]
    rules = dict.fromkeys(found.rule for plan in plans for found in plan.refusing)
    text = f"{len(report.plans)} tenants: {report.verdict}"
    if any(report.results.values()):
        text += f"; {changed(*report.results.values())}"
    elif report.unsent:
        text += "; nothing was written"
    if rules and report.verb != "drift":
        text += f"; refused: {', '.join(rules)}"
    return [(text, "bold")]
