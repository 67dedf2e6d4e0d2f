"""Pages of `explain` as text for a terminal. It imports no rich: it must start fast."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

import click

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Enum, Flags
from graphpolicy.catalogue.settings import Setting
from graphpolicy.explain import Explained, MethodPage, Page, RulePage, SettingPage, Topic, page_of
from graphpolicy.explain.sentences import (
    JUDGES,
    default,
    example,
    judged,
    limit_words,
    listed,
    managed_words,
    retirement_words,
    takes,
    where,
)
from graphpolicy.policyfile.dump import dump
from graphpolicy.render import Style
from graphpolicy.render.escape import printable
from graphpolicy.rules.table import Rule

COLUMN = 34
"""Columns that names take in the list; longer ones push their label aside."""

METHOD = 27
"""Columns that a method's id takes."""

SHOW = "`graphpolicy explain NAME` shows one, by its name here or in the portal."

SHOWN_WHOLE = 3
"""Up to this many entries are shown as pages; more are shown as a list."""

INDENT = 12
"""Columns that the names of facts take."""


def render(result: Explained, style: Style) -> str:
    """A page for each of a few, a list of many; the last line says how old the facts are."""
    items, facts = result.items, result.facts
    if len(items) > SHOWN_WHOLE:
        return f"{_list(items, style)}\n{_age(facts)}\n"
    blocks = ["\n".join(_page(page_of(topic, facts), style)) for topic in items]
    return "\n\n".join((*blocks, _age(facts))) + "\n"


def _list(items: Iterable[Topic], style: Style) -> str:
    """One line for each: its name and the portal's label, by method and by what a rule checks."""
    lines: list[str] = []
    group = ""
    items = tuple(items)
    methods = [topic for topic in items if isinstance(topic, Resource)]
    if len(methods) == len(items):
        lines = [f"{method.id:<{METHOD}}  {_dim(method.label, style)}" for method in methods]
        more = "`graphpolicy explain --all` lists every setting and rule."
        return "\n".join((*lines, "", SHOW, more))
    for topic in items:
        match topic:
            case Resource():
                own, line = f"{topic.id}  {topic.label}", ""
            case Setting(resource=resource):
                own = f"{resource.id}  {resource.label}"
                line = f"  {topic.dotted:<{COLUMN}}  {_dim(topic.row.label, style)}"
            case Rule():
                own = f"Rules about {JUDGES[topic.kind]}"
                line = f"  {topic.id:<{COLUMN}}  {_dim(f'{topic.level}: {topic.title}', style)}"
        if own != group:
            group = own
            lines += ["", _bold(own, style)]
        lines += [line] if line else []
    lines += ["", SHOW]
    return "\n".join(lines[1:])


def _page(page: Page, style: Style) -> Iterator[str]:
    match page:
        case SettingPage(setting=setting):
            yield _bold(setting.label, style)
            yield setting.name
            yield ""
            yield from _wrapped(setting.row.doc, style)
            yield ""
            yield from _facts(_of_setting(page), style)
            yield ""
            yield from (f"  {line}" for line in dump(example(setting)).splitlines())
        case MethodPage(resource=resource):
            yield _bold(resource.label, style)
            yield resource.id
            yield ""
            yield from _wrapped(resource.doc, style)
            yield ""
            yield from _facts(_of_method(page), style)
        case RulePage(rule=rule):
            yield _bold(rule.title, style)
            yield rule.id
            yield ""
            yield from _wrapped(rule.about, style)
            yield ""
            yield from _facts(_of_rule(page), style)


def _of_setting(page: SettingPage) -> Iterator[tuple[str, str]]:
    row = page.setting.row
    yield "takes", takes(row.kind)
    if isinstance(row.kind, Enum | Flags):
        for member, about in zip(row.kind.members, row.kind.docs, strict=True):
            yield "", f"{member}: {about}"
    if default(row):
        yield "default", default(row)
    for value in page.managed:
        yield "managed", managed_words(value)
    for limit in page.limits:
        yield "limit", limit_words(limit)
    for retired in page.retirements:
        yield "retiring", retirement_words(retired)
    yield "Graph", listed(page.availability.versions, "and")
    yield "clouds", where(page.availability.clouds)
    for lead, need in zip(("to read", "to write", "for names"), page.permissions, strict=False):
        yield lead, f"{need.scope}; a person: {need.role}"
    for rule in page.rules:
        yield "rule", _rule(rule)
    for other in page.related:
        yield "see", other.name
    yield "page", page.setting.link


def _of_method(page: MethodPage) -> Iterator[tuple[str, str]]:
    for limit in page.limits:
        yield "limit", limit_words(limit)
    for retired in page.retirements:
        yield "retiring", retirement_words(retired)
    yield "Graph", listed(page.availability.versions, "and")
    yield "clouds", where(page.availability.clouds)
    for setting in page.settings:
        yield "setting", f"{setting.dotted}: {setting.row.label}"
    yield "page", page.resource.link


def _of_rule(page: RulePage) -> Iterator[tuple[str, str]]:
    rule = page.rule
    yield "level", rule.level
    yield "checks", JUDGES[rule.kind]
    yield "fix", rule.fix
    for name in judged(rule):
        yield "setting", name
    if rule.source:
        yield "page", rule.source


def _rule(rule: Rule) -> str:
    return f"{rule.id} ({rule.level}): {rule.title}"


def _facts(rows: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    """Names and values in two columns; consecutive rows of one name show it once."""
    last = ""
    for name, text in rows:
        lead = "" if name == last else name
        last = name
        first, *rest = textwrap.wrap(
            printable(text),
            max(style.width - INDENT - 2, 40),
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield f"  {_dim(f'{lead:<{INDENT}}', style)}{first}"
        yield from (f"  {'':<{INDENT}}{line}" for line in rest)


def _wrapped(text: str, style: Style) -> list[str]:
    return textwrap.wrap(text, style.width, break_on_hyphens=False)


def _age(facts: Facts) -> str:
    return f"Microsoft's defaults, limits and retirements were last checked on {facts.as_of}."


def _bold(text: str, style: Style) -> str:
    return click.style(text, bold=True) if style.color else text


def _dim(text: str, style: Style) -> str:
    return click.style(text, dim=True) if style.color else text
