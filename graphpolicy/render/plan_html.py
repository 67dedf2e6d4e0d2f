"""A report as one self-contained HTML page, without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape

from graphpolicy.announce import announce, pictures, sentence
from graphpolicy.announce.proposal import of_plan
from graphpolicy.announce.texts import default_texts
from graphpolicy.catalogue.facts import Facts
from graphpolicy.compare.author_words import by_whom
from graphpolicy.model import (
    Failure,
    Finding,
    Held,
    Matrix,
    Plan,
    Result,
    Unmanaged,
    Use,
)
from graphpolicy.plan.protection import protection_words
from graphpolicy.plan.review_order import counted_housekeeping, outline, reviewed
from graphpolicy.plan.tally import settings
from graphpolicy.plan.verdict import Report, verdict
from graphpolicy.render import Style
from graphpolicy.render.as_html import code, diff_html, page, place_html, table, text, whole
from graphpolicy.render.escape import printable
from graphpolicy.render.findings import folded
from graphpolicy.render.impact_phrases import said
from graphpolicy.render.phrases import (
    IN_NO_FILE,
    USES,
    go_on,
    origin,
    undeclared,
    undoing_heading,
    undone,
    whose,
    why,
)
from graphpolicy.render.plan_diff import diffs
from graphpolicy.render.prompt_svg import svg


def render(report: Report, style: Style) -> str:
    """The whole page, tenant by tenant."""
    title = f"graphpolicy {report.verb}{whose(report, text)}: {report.verdict}"
    parts = [
        *_findings("What is wrong", report.findings, style),
        *([f"<p>{whole(way)}</p>\n"] if (way := go_on(report, style.typed)) else []),
        *(part for each in reviewed(report.plans) for part in _tenant(*each, report, style)),
    ]
    return page(title, parts, origin(report, text, code, lambda url: f'<a href="{url}">run</a>'))


def _tenant(heading: str, plan: Plan | Failure, report: Report, style: Style) -> Iterator[str]:
    if heading:
        yield f'<h2 class="ring">{heading}</h2>\n'
    tenant = plan.tenant
    found = verdict(plan, report)
    yield f"<section>\n<h2>{text(tenant.name)}</h2>\n"
    yield f'<p class="soft">{text(tenant.id)}, {tenant.cloud} cloud, {text(plan.file)}</p>\n'
    yield f'<p class="verdict {found.mood}">{text(found.text)}</p>\n'
    if isinstance(plan, Failure):
        yield f"<ul>{''.join(f'<li>{text(line)}</li>' for line in why(plan))}</ul>\n"
        yield from _protection(plan)
        if plan.plan is None:
            yield "</section>\n"
            return
        plan = plan.plan
    drift = report.verb == "drift"
    parts = outline(plan, report.verb)
    now = parts.now
    yield from _impact(plan)
    yield from _findings("Refused", now.refusals, style)
    yield from _findings("Accepted by a person", now.accepted, style)
    yield from _results(report.results.get(tenant.id, ()))
    if parts.ends:
        yield "<h3>Ends a method, or touches emergency access</h3>\n"
        yield from (diff_html(diff, style) for diff in diffs(parts.ends, report.verb))
    yield from _protection(plan)
    yield from _findings("Warnings", now.warnings, style)
    if parts.ends and parts.rest:
        yield "<h3>Other changes</h3>\n"
    yield from (diff_html(diff, style) for diff in diffs(parts.rest, report.verb))
    if plan.unmanaged:
        yield f"<h3>{IN_NO_FILE}</h3>\n<ul>{''.join(map(_unmanaged, plan.unmanaged))}</ul>\n"
    if drift and plan.changes:
        steps = "".join(f"<li>{whole(undone(change))}</li>" for change in plan.changes)
        yield f"<h3>{undoing_heading(plan)}</h3>\n<ul>{steps}</ul>\n"
        yield from _findings("Findings about undoing it", parts.undoing, style)
    yield from _matrix(plan.matrix, drift=drift)
    if not drift:
        yield from _prompts(plan)
    yield from _held(plan.held)
    yield from _findings("Notes", now.notes, style)
    if now.housekeeping:
        line = text(counted_housekeeping(now.housekeeping))
        lines = "".join(_findings("Lines that no longer do anything", now.housekeeping, style))
        yield f"<details><summary>{line}</summary>\n{lines}</details>\n"
    if plan.unmodelled:
        items = "".join(f"<li>{code(item)}</li>" for item in plan.unmodelled)
        yield f"<h3>Not known to this release and left alone</h3>\n<ul>{items}</ul>\n"
    yield from _raw(plan)
    yield "</section>\n"


def _impact(plan: Plan) -> Iterator[str]:
    impact = said(plan)
    if not impact:
        return
    mood = ' class="bad"' if impact.bad else ""
    yield f"<h3>Who it reaches</h3>\n<p{mood}>{whole(impact.headline)}.</p>\n"
    for part in impact.parts:
        lines = "".join(f"<li>{whole(line)}</li>\n" for line in part.lines)
        head = f"<p>{text(part.title)}</p>\n" if part.title else ""
        yield f"{head}<ul>\n{lines}</ul>\n"
    if impact.as_of:
        yield f'<p class="soft">{text(impact.as_of)}.</p>\n'


def _findings(head: str, findings: Sequence[Finding], style: Style) -> Iterator[str]:
    if not findings:
        return
    yield f'<h3>{head}</h3>\n<ul class="findings">\n'
    for finding in folded(findings):
        level = "note" if finding.acknowledged else finding.level
        lead = f'<strong class="{level}">{finding.level}</strong> {code(finding.rule)}'
        if any(finding is each for each in findings):
            yield f"<li>{lead} {_said(finding, style)}</li>\n"
            continue
        alike = (each for each in findings if (each.rule, each.level) == (finding.rule, "note"))
        each = "".join(f"<li>{_said(one, style)}</li>\n" for one in alike)
        summary = f"<summary>{lead} {text(finding.message)}</summary>"
        yield f"<li><details>{summary}\n<ul>\n{each}</ul></details></li>\n"
    yield "</ul>\n"


def _said(finding: Finding, style: Style) -> str:
    """The message with its place, who accepted it, and the help."""
    place = f" {place_html(finding.source, style)}" if finding.source else ""
    lines = [f"{whole(finding.message)}{place}"]
    if finding.acknowledged:
        lines.append(f'<span class="soft">accepted: {text(finding.acknowledged)}</span>')
    if finding.help:
        lines.append(f'<span class="soft">help: {text(finding.help)}</span>')
    return "<br>".join(lines)


def _results(results: Sequence[Result]) -> Iterator[str]:
    rows = (
        (
            f"<code>{result.outcome}</code>",
            f"{text(result.title)}, {settings(len(result.paths))}",
            text(result.error),
            code(result.request_id) if result.request_id else "",
        )
        for result in results
    )
    if results:
        yield "<h3>The outcome of each request</h3>\n"
        yield table(("outcome", "request", "what Graph said", "request-id"), rows)


def _protection(plan: Plan | Failure) -> Iterator[str]:
    if plan.protection:
        yield "<h3>What protects this tenant differs from the base</h3>\n<ul>\n"
        for item in plan.protection:
            sign = '<strong class="warning">weaker</strong> ' if item.weaker else ""
            yield f"<li>{sign}{text(protection_words(item))}</li>\n"
        yield "</ul>\n"


def _unmanaged(item: Unmanaged) -> str:
    first, *rest = undeclared(item)
    lead = f'<strong class="warning">{whole(first)}</strong>' if item.counts else whole(first)
    below = [*map(whole, rest)]
    if item.label:
        below.append(f'<span class="soft">{text(item.label)}</span>')
    return f"<li>{'<br>'.join((lead, *below))}</li>\n"


def _matrix(matrix: Matrix, *, drift: bool) -> Iterator[str]:
    """Who may use what after the plan; for a drift, now and after an apply."""
    if not matrix.rows:
        return
    yield "<h3>Who may use what</h3>\n"
    about = "after this plan; a frame marks what changes."
    if drift:
        about = "as it is now; a frame marks what an apply would change."
    yield (
        f'<p class="soft">Every method of the tenant {about} '
        "An exclusion wins over an inclusion. Nested groups are not expanded.</p>\n"
    )
    head = ("method", *(text(group, 80) for group in matrix.groups))
    cells = ""
    for row in matrix.rows:
        name = f'<th scope="row">{text(row.label)}<br><code>{text(row.title)}</code></th>'
        cells += f"<tr>{name}{''.join(_use(*cell, drift=drift) for cell in row.cells)}</tr>\n"
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    yield '<div class="scroll"><table class="matrix">\n'
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{cells}</tbody></table></div>\n"


def _use(before: Use, after: Use, *, drift: bool) -> str:
    if before == after:
        mood = {"yes": "good", "everyone": "good", "excluded": "warning", "no": "note"}[after]
        return f'<td class="{mood}">{USES[after]}</td>'
    if drift:
        return (
            f'<td class="moved">{USES[before]}<br><span>after an apply: {USES[after]}</span></td>'
        )
    return f'<td class="moved">{USES[after]}<br><del>before: {USES[before]}</del></td>'


def _prompts(plan: Plan) -> Iterator[str]:
    """People's prompts before and after, if the plan changes them."""
    texts = default_texts()
    found = list(pictures(announce(of_plan(plan), texts, Facts.shipped())))
    if found:
        yield "<h3>The prompt on people's phones</h3>\n"
    for number, (section, picture) in enumerate(found, 1):
        people = sentence(section.people.include, texts)
        yield f"<figure>\n<figcaption>For {text(people)}</figcaption>\n"
        yield f"{svg(picture, texts, f'{plan.tenant.id}-{number}')}</figure>\n"


def _held(held: Sequence[Held]) -> Iterator[str]:
    rows = (
        (
            f"{code(item.name)}",
            text(item.live_label + (f" (by {by})" if (by := by_whom(item.changed_by)) else "")),
            text(item.declared_label),
            text(f"until {item.scope.expires}, {item.scope.owner}: {item.scope.reason}"),
        )
        for item in held
    )
    if held:
        yield "<h3>Held, neither planned nor drift</h3>\n"
        yield table(("setting", "live", "declared", "held"), rows)


def _raw(plan: Plan) -> Iterator[str]:
    for resource, documents in plan.observed.items():
        for version, document in documents.items():
            lines = json.dumps(document, indent=2, ensure_ascii=False).split("\n")
            text = escape("\n".join(map(printable, lines)))
            yield (
                f"<details><summary>Graph's own document of {code(resource)}, "
                f"{version}</summary>\n<pre>{text}</pre></details>\n"
            )
