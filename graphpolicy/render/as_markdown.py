"""The report as a comment on a pull request: the verdict and the change open, the rest folded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from graphpolicy.model import Change, Failure, Finding, Held, Place, Plan, Report, Result
from graphpolicy.protection import protection_words
from graphpolicy.records import dataclass
from graphpolicy.render import Style
from graphpolicy.render.escape import short
from graphpolicy.render.places import link
from graphpolicy.render.words import CAUSES, changed_by, drifted, reached, total, undone
from graphpolicy.verdict import about_state, settings, verdict

MOST = 60_000
"""Characters of a comment at most; GitHub takes 65,536."""

OPEN = 40
"""Lines of a diff that stand open; a longer one is folded by resource."""

MOST_MARKED = 100
"""Tenants that the marker names; one of them is enough to find the comment by."""

NAMED = 8
SIGNS = {"good": "✅", "warning": "⚠️", "bad": "❌"}
LEVELS = {"error": "❌ **error**", "warning": "⚠️ **warning**", "note": "**note**"}
SYMBOLS = {"+": "+", "-": "-", "~": "!"}
RISKY = re.compile(r"@|://|:[a-z+_-][a-z0-9+_-]*:|www\.|#\d|GH-\d", re.IGNORECASE)
"""In a word: what GitHub would make a mention, a link, an emoji or a reference of."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part that is shown whole or not at all; what has a low `rank` is kept first."""

    rank: int
    name: str
    text: str


def render(report: Report, style: Style) -> str:
    """The marker, counts in the title, each tenant, and where it comes from in the footer."""
    one = report.plans[0] if len(report.plans) == 1 else None
    whose = f" for {code(one.tenant.name)}" if one else ""
    if len(report.plans) > 1:
        whose = f" for {len(report.plans)} tenants"
    head = f"{_marker(report)}\n### graphpolicy {report.verb}{whose}: {total(report)}\n\n"
    foot = f"\n{_footer(report)}\n"
    sections = [
        *(_finding("", finding, style) for finding in report.findings),
        *(section for plan in report.plans for section in _tenant(plan, report, style)),
    ]
    return head + _fitting(sections, MOST - len(head) - len(foot) - 1000) + foot


def _fitting(sections: Sequence[Section], room: int) -> str:
    """As many whole sections as there is room for, in their order, and a word on the others."""
    kept: set[int] = set()
    for index in sorted(range(len(sections)), key=lambda index: sections[index].rank):
        if len(sections[index].text) <= room:
            room -= len(sections[index].text)
            kept.add(index)
    text = "".join(section.text for index, section in enumerate(sections) if index in kept)
    cut = [section.name for index, section in enumerate(sections) if index not in kept]
    if not cut:
        return text
    names = list(dict.fromkeys(cut))
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    return (
        f"{text}\n> [!NOTE]\n> **This was cut**: {len(cut)} sections did not fit into a comment "
        f"({listed}). The report in the run's files has everything.\n"
    )


def _marker(report: Report) -> str:
    """One line that no reader sees and that the comment is found by. It holds no name."""
    plans = [plan for plan in report.plans if isinstance(plan, Plan)]
    data = {
        "v": 1,
        "tenants": [plan.tenant.id for plan in report.plans][:MOST_MARKED],
        "digests": [plan.digest for plan in plans if plan.digest][:MOST_MARKED],
        "commit": report.origin.commit,
    }
    text = json.dumps(data, separators=(",", ":")).replace("-->", "").replace("<", "")
    return f"<!-- graphpolicy:{report.verb} {text} -->"


def _footer(report: Report) -> str:
    origin = report.origin
    parts = [f"commit {code(origin.commit[:12])}"] if origin.commit else []
    digests = [plan.digest for plan in report.plans if isinstance(plan, Plan) and plan.digest]
    if len(digests) == 1:
        parts.append(f"digest {code(digests[0])}")
    if origin.at:
        parts.append(f"live state read {prose(origin.at)}")
    if origin.run.startswith("https://"):
        parts.append(f"[run]({escape(origin.run)})")
    return f"<sub>{' · '.join(parts) or 'graphpolicy'}</sub>"


def _tenant(plan: Plan | Failure, report: Report, style: Style) -> Iterator[Section]:
    name = short(plan.tenant.name, 60)
    found = verdict(plan, report)
    lead = f"\n#### {code(plan.tenant.name)}\n\n" if len(report.plans) > 1 else ""
    yield Section(0, "tenants", f"{lead}{SIGNS[found.mood]} **{prose(found.text)}**\n")
    if isinstance(plan, Failure):
        why = [plan.message, *plan.details, *([f"help: {plan.help}"] if plan.help else [])]
        text = "".join(f"* {prose(line)}\n" for line in why)
        yield Section(1, "failures", f"\n{text}")
        if plan.plan is None:
            return
        plan = plan.plan
    loud = [finding for finding in plan.findings if finding.level != "note"]
    loud = [finding for finding in loud if not finding.acknowledged]
    after = [each for each in loud if report.verb == "drift" and not about_state(each.rule)]
    yield from (_finding(name, finding, style) for finding in loud if finding not in after)
    yield from _results(report.results.get(plan.tenant.id, ()))
    yield from _protection(plan)
    yield from _changes(plan.changes, report.verb)
    if report.verb == "drift" and plan.changes:
        lines = "".join(f"* {prose(undone(change))}\n" for change in plan.changes)
        yield Section(3, "the undoing", f"\n**An apply would undo it:**\n\n{lines}")
        yield from (_finding(name, finding, style) for finding in after)
    yield from _details(plan, style)
    quiet = [finding for finding in plan.findings if finding not in loud]
    if quiet:
        text = "".join(_finding(name, finding, style).text for finding in quiet)
        yield Section(4, "notes", _folded(f"Notes ({len(quiet)})", text))
    if plan.held:
        text = "".join(map(_held, plan.held))
        yield Section(
            3, "held", _folded(f"Held, neither planned nor drift ({len(plan.held)})", text)
        )
    if plan.unmodelled:
        text = "".join(f"* {code(item)}\n" for item in plan.unmodelled)
        yield Section(5, "unmodelled", _folded("Not known to this release and left alone", text))


def _finding(name: str, finding: Finding, style: Style) -> Section:
    lines = [f"* {LEVELS[finding.level]} `{finding.rule}`: {prose(finding.message)}"]
    if finding.source:
        lines[0] += f" ({_place(finding.source, style)})"
    if finding.acknowledged:
        lines.append(f"  accepted: {prose(finding.acknowledged)}")
    if finding.help:
        lines.append(f"  help: {prose(finding.help)}")
    rank = 1 if finding.level == "error" else 2
    text = "\n" + "  \n".join(lines) + "\n"
    return Section(rank, f"findings of {code(name)}" if name else "findings", text)


def _results(results: Sequence[Result]) -> Iterator[Section]:
    if results:
        text = "".join(
            f"* `{result.outcome}` {code(result.title)}, {settings(len(result.paths))}"
            + (f": {prose(result.error)}" if result.error else "")
            + "\n"
            for result in results
        )
        yield Section(1, "results", f"\n{text}")


def _protection(plan: Plan) -> Iterator[Section]:
    """What protects the tenant, against the base: open, and before the changes."""
    if plan.protection:
        yield Section(0, "protection", "\n**What protects this tenant differs from the base:**\n")
    for item in plan.protection:
        sign = "⚠️ weaker: " if item.weaker else ""
        text = f"* {sign}{prose(protection_words(item))}\n"
        yield Section(1 if item.weaker else 2, "protection", text)


def _changes(changes: Sequence[Change], verb: str) -> Iterator[Section]:
    """The diff: open where it is short, else folded by resource."""
    blocks: list[tuple[str, list[Change], list[str]]] = []
    for cause, heading in CAUSES.items():
        own = [change for change in changes if change.cause == cause]
        for index, (title, group) in enumerate(groupby(own, key=lambda change: change.title)):
            block = list(group)
            lead = [f"@@ {heading} @@"] if heading and not index else []
            blocks.append((title, block, [*lead, *_diff(title, block, verb)]))
    lines = [line for _, _, diff in blocks for line in diff]
    if lines and len(lines) <= OPEN and len("".join(lines)) < MOST // 4:
        yield Section(2, "the diff", f"\n{fence(lines, 'diff')}")
        return
    for title, block, diff in blocks:
        name = short(title, 60)
        summary = f"<code>{escape(name)}</code>: {settings(len(block))}"
        yield Section(2, f"the diff of {code(name)}", _folded(summary, fence(diff, "diff")))


def _diff(title: str, changes: Iterable[Change], verb: str) -> Iterator[str]:
    yield f"  {short(title)}"
    for change, whom in reached(changes):
        live_first = "drift" in (verb, change.cause)
        if live_first:
            for symbol, text in drifted(change):
                yield f"{SYMBOLS.get(symbol, '!')}   {change.path}: {short(text)}"
        elif change.entries:
            for symbol, text in change.entries:
                if symbol in SYMBOLS:
                    yield f"{SYMBOLS[symbol]}   {change.path}: {short(text)}"
            if change.after == []:
                yield f"!   {change.path}: nobody is left in the list"
        else:
            yield f"-   {change.path}: {short(change.before_label)}"
            yield f"+   {change.path}: {short(change.after_label)}"
        if change.event and not live_first:
            yield f"      {short(changed_by(change.event))}"
        if whom and verb != "drift":
            yield f"      {short(whom)}"


def _details(plan: Plan, style: Style) -> Iterator[Section]:
    """Each change with the portal's label and the line that asks for it."""
    for title, run in groupby(plan.changes, key=lambda change: change.title):
        rows = [
            f"* {code(change.path)}: {prose(change.label)}"
            + (f", {_place(change.source, style)}" if change.source else "")
            + "\n"
            for change in run
        ]
        summary = f"<code>{escape(short(title, 60))}</code> in the portal and in the files"
        yield Section(3, f"details of {code(short(title, 60))}", _folded(summary, "".join(rows)))


def _held(item: Held) -> str:
    scope = item.scope
    text = f"* {code(item.name)}: {code(item.live_label)}"
    if item.declared_label:
        text += f", declared {code(item.declared_label)}"
    return f"{text}; {prose(f'until {scope.expires}, {scope.owner}: {scope.reason}')}\n"


def _place(place: Place, style: Style) -> str:
    where = code(str(place))
    address = link(place, style)
    return f"[{where}]({address})" if "://" in address else where


def _folded(summary: str, text: str) -> str:
    """`summary` is HTML."""
    return f"\n<details><summary>{summary}</summary>\n\n{text}\n</details>\n"


def fence(lines: Sequence[str], language: str = "") -> str:
    """Lines in a fence that nothing in them can close."""
    runs = [len(run) for line in lines for run in re.findall(r"`+", line)]
    ticks = "`" * max(3, 1 + max(runs, default=0))
    return "\n".join((f"{ticks}{language}", *lines, ticks)) + "\n"


def code(text: str) -> str:
    """Text as a code span: no mention, no link, no markup in it."""
    text = short(text) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def prose(text: str) -> str:
    """A sentence with names in it: words that GitHub would act on as code, the rest escaped."""
    return " ".join(
        code(word) if RISKY.search(word) else re.sub(r"([\\`*_\[\]<>&|~#!$])", r"\\\1", word)
        for word in short(text, 1500).split(" ")
    )
