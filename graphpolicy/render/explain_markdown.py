"""Pages of `explain` as Markdown: with all of them, the reference in the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from graphpolicy.explain import (
    Explained,
    ExplainedPage,
    FileKey,
    MethodPage,
    RulePage,
    SettingPage,
    page_of,
    sentences,
)
from graphpolicy.render import Style
from graphpolicy.rules.table import Rule

HEAD = """\
# Settings and rules

Made by `graphpolicy explain --all --format markdown`; `graphpolicy explain NAME` shows one entry
with an example. Names are Microsoft Graph's; the portal's labels are in bold. A setting is managed
only if a file declares it. Microsoft's defaults, limits and retirements were last checked on
{as_of}.
"""


def render(result: Explained, style: Style) -> str:
    """The pages in their order, settings and rules in tables."""
    facts = result.facts
    pages = [page_of(topic, facts) for topic in result.items]
    blocks = [HEAD.format(as_of=facts.as_of)]
    for kind, run in groupby(pages, key=_block):
        if kind == "method":
            blocks += [_method(page) for page in run if isinstance(page, MethodPage)]
        elif kind == "keys":
            blocks += [_key(page) for page in run if isinstance(page, FileKey)]
        elif kind == "settings":
            blocks.append(_settings(page for page in run if isinstance(page, SettingPage)))
        else:
            blocks.append(_rules(kind, [page for page in run if isinstance(page, RulePage)]))
    return "\n".join(blocks)


def _block(page: ExplainedPage) -> str:
    match page:
        case MethodPage():
            return "method"
        case SettingPage():
            return "settings"
        case RulePage(rule=rule):
            return sentences.JUDGES[rule.kind]
        case FileKey():
            return "keys"


def _key(key: FileKey) -> str:
    rows = "".join(f"\n- `{name}`: {about}" for name, about in (*key.values, *key.members))
    return f"## `{key.id}`\n\n{key.about}\n{rows}\n"


def _method(page: MethodPage) -> str:
    resource = page.resource
    clouds = sentences.where(page.availability.clouds)
    link = f"[Microsoft's page]({resource.link})"
    lines = [
        f"## {resource.label}: `{resource.id}`",
        "",
        f"{resource.doc} {link}. Graph: {clouds}.",
    ]
    for limit in page.limits:
        lines += ["", f"**Limit:** {sentences.limit_words(limit)}"]
    for retired in page.retirements:
        lines += ["", f"**Retiring:** {sentences.retirement_words(retired)}"]
    return "\n".join(lines) + "\n"


def _settings(pages: Iterable[SettingPage]) -> str:
    head = ("setting", "takes", "default", "what it does")
    rows = (
        (
            f"`{page.setting.dotted}`<br>**{page.setting.row.label}**",
            sentences.takes(page.setting.row.kind),
            sentences.default(page.setting.row),
            "<br>".join(_said(page)),
        )
        for page in pages
    )
    return _table(head, rows)


def _said(page: SettingPage) -> Iterator[str]:
    row = page.setting.row
    yield row.doc + (f" [Page]({row.link})" if row.link else "")
    if row.api != "both":
        yield f"Graph {row.api} only."
    for value in page.managed:
        if value.setting == page.setting.dotted:
            yield f"`default`: {sentences.managed_words(value)}."
    for limit in page.limits:
        yield f"Limit: {sentences.limit_words(limit)}"
    for retired in page.retirements:
        if retired.setting == page.setting.dotted:
            yield f"Retiring: {sentences.retirement_words(retired)}"
    for fact in page.rewritings:
        if fact.setting == page.setting.dotted:
            yield f"Microsoft changes it {sentences.rewriting_words(fact)}"
    own = [rule for rule in page.rules if page.setting.name in rule.settings]
    if own:
        yield f"Rules: {', '.join(f'[{rule.id}](#{rule.id})' for rule in own)}"


def _rules(kind: str, pages: Sequence[RulePage]) -> str:
    rows = _table(("rule", "level", "why", "fix"), (_rule(page.rule) for page in pages))
    return f"## Rules about {kind}\n\n{rows}"


def _rule(rule: Rule) -> tuple[str, ...]:
    about = f"{rule.title}. {rule.about}"
    if rule.source:
        about += f" [Page]({rule.source})"
    if rule.settings:
        names = (f"`{name}`" for name in sentences.judged(rule))
        about += f"<br>Checks {sentences.listed(names, 'and')}."
    return f'<a id="{rule.id}"></a>`{rule.id}`', rule.level, about, rule.fix


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
