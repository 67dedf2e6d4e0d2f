"""The report as a comment on a pull request: the verdict and the change open, the rest folded."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from graphpolicy.model import Change, Failure, Finding, Held, Place, Plan, Report, Result
from graphpolicy.model.records import dataclass
from graphpolicy.plan.protection import protection_words
from graphpolicy.plan.review_order import ENDINGS, by_weight, counted_housekeeping, urgent, weight
from graphpolicy.plan.verdict import about_state, number, settings, verdict
from graphpolicy.render import Style
from graphpolicy.render.escape import WARNING, printable, short
from graphpolicy.render.findings import folded
from graphpolicy.render.links import link
from graphpolicy.render.phrases import CAUSES, changed_by, drifted, emptied, reached, total, undone

MOST = 60_000
"""Characters of a comment at most; GitHub takes 65,536."""

ERRORS, CHANGES = 1, 3
"""The last rank of what refuses or was accepted, and the last one of what changes."""

OPEN = 40
"""Lines of a diff that stand open; a longer one is folded by resource."""

CHUNK = 4_000
"""Characters of one section at most, as far as what is in it can be parted."""

MOST_MARKED = 100
"""Tenants that the marker names; one of them is enough to find the comment by."""

NAMED = 8
SIGNS = {"good": "✅", "warning": WARNING, "bad": "❌"}
LEVELS = {"error": "❌ **error**", "warning": f"{WARNING} **warning**", "note": "**note**"}
SYMBOLS = {"+": "+", "-": "-", "~": "!"}
RISKY = re.compile(r"@|://|:[a-z+_-][a-z0-9+_-]*:|www\.|#\d|GH-\d", re.IGNORECASE)
"""In a word: what GitHub would make a mention, a link, an emoji or a reference of."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part that is shown whole or not at all; what has a low `rank` is kept first, then what is
    short: no length of one pushes out another, and no number of one `kind` another kind.

    `brief` is what stands in its place; sections of one brief share it. `entries` counts the
    changed entries in it.
    """

    rank: int
    name: str
    text: str
    brief: str = ""
    entries: int = 0
    kind: str = ""
    """A rule, or what the name says."""


def render(report: Report, style: Style) -> str:
    """The marker, counts in the title, each tenant, and where it comes from in the footer."""
    one = report.plans[0] if len(report.plans) == 1 else None
    whose = f" for {code(one.tenant.name)}" if one else ""
    if len(report.plans) > 1:
        whose = f" for {len(report.plans)} tenants"
    head = f"{_marker(report)}\n### graphpolicy {report.verb}{whose}: {total(report)}"
    foot = f"\n{_footer(report)}\n"
    sections = [
        *(_finding("", finding, style) for finding in report.findings),
        *(
            section
            for plan in sorted(report.plans, key=weight)
            for section in _tenant(plan, report, style)
        ),
    ]
    text, left = _fitting(sections, MOST - len(head) - len(foot) - 1000)
    if left:
        are = "entry is" if left == 1 else "entries are"
        head += f"; {left} changed {are} not shown here, the page of the plan has them"
    return f"{head}\n\n{text}{foot}"


def _fitting(sections: Sequence[Section], room: int) -> tuple[str, int]:
    """As many whole sections as there is room for, in their order, with a word on the others.

    Also how many changed entries are left out. Of each rank the first of every kind comes before
    the second of any; and what is refused or accepted leaves room for what changes, however much
    there is of it.
    """
    order = _turns(sections)
    errors = [index for index in order if sections[index].rank <= ERRORS]
    changes = [index for index in order if ERRORS < sections[index].rank <= CHANGES]
    briefs: set[str] = set()
    used = 0
    for which, share in ((errors, 0.25), (changes, 0.5), (order, 0.6)):
        for brief in (sections[index].brief for index in which):
            if brief not in briefs and used + len(brief) <= room * share:
                briefs.add(brief)
                used += len(brief)
    left, kept = room - used, set[int]()
    for which, least in ((errors, left * 0.4), (changes, 0), (order, 0)):
        for index in which:
            size = len(sections[index].text)
            if index not in kept and left - size >= least:
                kept.add(index)
                left -= size
    said: list[str] = []
    for index, section in enumerate(sections):
        if index in kept:
            said.append(section.text)
        elif section.brief in briefs:
            briefs.remove(section.brief)
            said.append(section.brief)
    text = "".join(said)
    cut = [section for index, section in enumerate(sections) if index not in kept]
    if not cut:
        return text, 0
    names = list(dict.fromkeys(section.name for section in cut))
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    word = (
        f"{text}\n> [!NOTE]\n> **This was cut**: {number(len(cut), 'section')} did not fit into a "
        f"comment ({listed}). The page of the plan in the run's files has everything.\n"
    )
    return word, sum(section.entries for section in cut)


def _turns(sections: Sequence[Section]) -> list[int]:
    """The order in which sections are kept: by rank, each kind in turn, the short ones first."""
    turns: Counter[tuple[int, str]] = Counter()
    places: dict[int, tuple[int, int, int]] = {}
    for index in sorted(range(len(sections)), key=lambda each: len(sections[each].text)):
        section = sections[index]
        turn = (section.rank, section.kind or section.name)
        places[index] = (section.rank, turns[turn], len(section.text))
        turns[turn] += 1
    return sorted(places, key=lambda each: places[each])


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
    rank = 0 if weight(plan) < 2 else 3
    yield Section(rank, "tenants", f"{lead}{SIGNS[found.mood]} **{prose(found.text)}**\n")
    if isinstance(plan, Failure):
        why = [plan.message, *plan.details, *([f"help: {plan.help}"] if plan.help else [])]
        text = "".join(f"* {prose(line)}\n" for line in why)
        yield Section(1, "failures", f"\n{text}")
        if plan.plan is None:
            return
        plan = plan.plan
    drift = report.verb == "drift"
    now = by_weight(each for each in plan.findings if not drift or about_state(each.rule))
    ends = urgent(plan)
    yield from (_finding(name, finding, style) for finding in (*now.refusals, *now.accepted))
    yield from _results(report.results.get(plan.tenant.id, ()))
    if ends and not drift:
        yield Section(2, "what ends", "\n**Ends a method, or touches emergency access:**\n")
        yield from _changes(ends, report.verb, 2)
    yield from _protection(plan)
    yield from (_finding(name, finding, style) for finding in now.warnings)
    rest = plan.changes if drift else [each for each in plan.changes if each not in ends]
    yield from _changes(rest, report.verb, 3)
    if drift and plan.changes:
        lines = "".join(f"* {prose(undone(change))}\n" for change in plan.changes)
        yield Section(6, "the undoing", f"\n**An apply would undo it:**\n\n{lines}")
        then = by_weight(each for each in plan.findings if not about_state(each.rule))
        said = (*then.refusals, *then.accepted, *then.warnings, *folded(then.notes))
        yield from (_finding(name, finding, style) for finding in said)
    yield from _details(plan, style)
    if now.housekeeping:
        line = counted_housekeeping(now.housekeeping)
        text = "".join(_finding(name, each, style).text for each in now.housekeeping)
        yield Section(6, "lines that do nothing any more", _folded(line, text), f"\n{line}\n")
    if now.notes:
        text = "".join(_finding(name, finding, style).text for finding in folded(now.notes))
        yield Section(7, "notes", _folded(f"Notes ({len(now.notes)})", text))
    if plan.held:
        text = "".join(map(_held, plan.held))
        yield Section(
            6, "held", _folded(f"Held, neither planned nor drift ({len(plan.held)})", text)
        )
    if plan.unmodelled:
        text = "".join(f"* {code(item)}\n" for item in plan.unmodelled)
        yield Section(8, "unmodelled", _folded("Not known to this release and left alone", text))


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
    what = ".".join(filter(None, (short(finding.resource, 60), short(finding.path, 100))))
    brief = f"\n{lead}{' (accepted)' if finding.acknowledged else ''}"
    brief += f": {code(what)}, more on the page of the plan\n" if what else "\n"
    if len(text) > CHUNK:
        rank = 6
    elif finding.level == "error":
        rank = 1
    elif finding.rule in ENDINGS:
        rank = 2
    else:
        rank = 4 if finding.acknowledged else 5
    whose = f"findings of {code(name)}" if name else "findings"
    return Section(rank, whose, text, brief, kind=finding.rule)


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
        sign = f"{WARNING} weaker: " if item.weaker else ""
        text = f"* {sign}{prose(protection_words(item))}\n"
        brief = f"* {sign}{code(short(item.key, 60))}, more on the page of the plan\n"
        rank = 5 if not item.weaker else 2 if item.key == "emergencyAccess" else 4
        yield Section(rank, "protection", text, brief, kind=item.key)


def _changes(changes: Sequence[Change], verb: str, rank: int) -> Iterator[Section]:
    """The diff: open where it is short, else folded by resource, and parted where it is long."""
    blocks: list[tuple[str, list[Change], list[str]]] = []
    for cause, heading in CAUSES.items():
        own = [change for change in changes if change.cause == cause]
        for index, (title, group) in enumerate(groupby(own, key=lambda change: change.title)):
            block = list(group)
            lead = [f"@@ {heading} @@"] if heading and not index else []
            blocks.append((title, block, [*lead, *_diff(title, block, verb)]))
    lines = [line for _, _, diff in blocks for line in diff]
    if lines and len(lines) <= OPEN and len("".join(lines)) <= CHUNK:
        moves = sum(map(_moves, changes))
        yield Section(rank, "the diff", f"\n{fence(lines, 'diff')}", entries=moves)
        return
    for title, block, diff in blocks:
        if len("".join(diff)) <= CHUNK:
            what, brief = settings(len(block)), f"\n* {code(short(title, 60))}: "
            brief += f"{what}, more on the page of the plan\n"
            moves = sum(map(_moves, block))
            yield Section(
                rank,
                f"the diff of {code(short(title, 60))}",
                _block(title, what, diff),
                brief,
                moves,
            )
            continue
        for change in block:
            name, *steps = _diff(title, [change], verb)
            yield from _parts(change, name, steps, rank)


def _parts(change: Change, lead: str, steps: Sequence[str], rank: int) -> Iterator[Section]:
    """One change in sections of whole lines, each as long as is allowed or one line."""
    about = f"\n* {code(change.title)}: {code(change.path)}, more on the page of the plan\n"
    part: list[str] = []
    for step in (*steps, None):
        if part and (step is None or len("".join(part)) + len(step) > CHUNK):
            moves = sum(line[0] in "+-!" for line in part)
            moves = moves if change.entries else min(moves, 1)
            name = f"<code>{escape(printable(change.path))}</code>"
            text = _block(change.title, name, [lead, *part])
            yield Section(rank, f"the diff of {code(short(change.title, 60))}", text, about, moves)
            part = []
        if step is not None:
            part.append(step)


def _block(title: str, what: str, lines: Sequence[str]) -> str:
    """Lines of a diff, folded. `what` is HTML."""
    summary = f"<code>{escape(short(title, 60))}</code>: {what}"
    return _folded(summary, fence(lines, "diff"))


def _moves(change: Change) -> int:
    return len(change.moves) or 1


def _diff(title: str, changes: Iterable[Change], verb: str) -> Iterator[str]:
    yield f"  {short(title)}"
    for change, whom in reached(changes):
        live_first = "drift" in (verb, change.cause)
        if live_first:
            for symbol, text in drifted(change):
                yield f"{SYMBOLS.get(symbol, '!')}   {change.path}: {printable(text)}"
        elif change.entries:
            for symbol, text in change.moves:
                yield f"{SYMBOLS[symbol]}   {change.path}: {printable(text)}"
            if change.after == []:
                yield f"!   {change.path}: {emptied(change)}"
        else:
            yield f"-   {change.path}: {printable(change.before_label)}"
            yield f"+   {change.path}: {printable(change.after_label)}"
        if change.event and not live_first:
            yield f"      {short(changed_by(change.event))}"
        if whom and verb != "drift":
            yield f"      {short(whom, CHUNK // 2)}"


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
        yield Section(6, f"details of {code(short(title, 60))}", _folded(summary, "".join(rows)))


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


def code(text: str, most: int | None = 400) -> str:
    """Text as a code span: no mention, no link, no markup in it."""
    text = (printable(text) if most is None else short(text, most)) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def prose(text: str, most: int | None = 1500) -> str:
    """A sentence with names in it: words that GitHub would act on as code, the rest escaped."""
    text = printable(text) if most is None else short(text, most)
    return " ".join(
        code(word, None) if RISKY.search(word) else re.sub(r"([\\`*_\[\]<>&|~#!$])", r"\\\1", word)
        for word in text.split(" ")
    )
