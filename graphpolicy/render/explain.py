"""Pages of `explain`: blocks for a terminal, and as JSON. `explain_markdown` is the reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby

from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.kinds import Enum, Flags, Int
from graphpolicy.catalogue.settings import Setting
from graphpolicy.explain import (
    Availability,
    Explained,
    ExplainedPage,
    FileKey,
    MethodPage,
    RulePage,
    SettingPage,
    Topic,
    page_of,
    sentences,
)
from graphpolicy.model import Json
from graphpolicy.policyfile.dump import dump
from graphpolicy.render import Style
from graphpolicy.render.as_json import members
from graphpolicy.render.blocks import Block, Code, FactList, Gap, Heading, Line
from graphpolicy.rules.table import Rule

COLUMN, INDENT, METHOD = 36, 12, 27
"""Columns that names take in the list, on a page, and in the list of methods."""

SHOW = "`graphpolicy explain NAME` shows one, by its name here or in the portal."

SHOWN_WHOLE = 3
"""Up to this many entries are shown as pages; more are shown as a list."""


def blocks(result: Explained, style: Style) -> Iterator[Block]:
    """A page for each of a few, a list of many; the last line says how old the facts are."""
    if len(result.items) > SHOWN_WHOLE:
        yield from _list(result.items)
    for topic in result.items if len(result.items) <= SHOWN_WHOLE else ():
        yield from _page(page_of(topic, result.facts))
        yield Gap()
    checked = result.facts.as_of
    yield Line(f"Microsoft's defaults, limits and retirements were last checked on {checked}.")


def _list(items: Iterable[Topic]) -> Iterator[Block]:
    """One line for each: its name and the portal's label, by method and by what a rule checks."""
    methods = [topic for topic in items if isinstance(topic, Resource)]
    if methods == list(items):
        yield from (Line(f"{method.id:<{METHOD}}  {method.label}") for method in methods)
        yield from (Gap(), Line(SHOW))
        yield Line("`graphpolicy explain --all` lists every setting and rule.")
        return
    for group, topics in groupby(items, key=_group):
        yield Heading(group)
        yield FactList([row for topic in topics for row in _row(topic)], COLUMN)
        yield Gap()
    yield Line(SHOW)


def _group(topic: Topic) -> str:
    if isinstance(topic, Rule):
        return f"Rules about {sentences.JUDGES[topic.kind]}"
    if isinstance(topic, FileKey):
        return "Keys of a policy file"
    method = topic.resource if isinstance(topic, Setting) else topic
    return f"{method.id}  {method.label}"


def _row(topic: Topic) -> Iterator[tuple[str, str]]:
    if isinstance(topic, Setting):
        yield topic.dotted, topic.row.label
    elif isinstance(topic, Rule):
        yield topic.id, f"{topic.level}: {topic.title}"
    elif isinstance(topic, FileKey):
        yield topic.id, topic.about


def _page(page: ExplainedPage) -> Iterator[Block]:
    match page:
        case SettingPage(setting=setting):
            title, name, about, rows = setting.label, setting.name, setting.row.doc, _setting(page)
        case MethodPage(resource=resource):
            title, name, about, rows = resource.label, resource.id, resource.doc, _method(page)
        case RulePage(rule=rule):
            title, name, about, rows = rule.title, rule.id, rule.about, _rule(page)
        case FileKey(id=name, about=about):
            title, rows = f"{name.rpartition('.')[2]}, a key of a policy file", _key(page)
    yield from (Heading(title), Line(name), Gap(), Line(about), Gap())
    yield FactList([row for group in rows for row in group], INDENT)
    if isinstance(page, SettingPage):
        yield from (Gap(), Code(dump(sentences.example(page.setting)).splitlines()))


def _all(name: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Facts of one name, which is shown beside the first."""
    for number, text in enumerate(texts):
        yield "" if number else name, text


def _setting(page: SettingPage) -> Iterator[Iterable[tuple[str, str]]]:
    row, kind = page.setting.row, page.setting.row.kind
    yield [("takes", sentences.takes(kind))]
    if isinstance(kind, Enum | Flags):
        pairs = zip(kind.members, kind.docs, strict=True)
        yield [("", f"{member}: {about}") for member, about in pairs]
    if sentences.default(row):
        yield [("default", sentences.default(row))]
    yield _all("managed", map(sentences.managed_words, page.managed))
    yield _all("Microsoft", map(sentences.rewriting_words, page.rewritings))
    yield from _of_facts(page)
    for lead, need in page.permissions.items():
        yield [(lead, f"{need.scope}; a person: {need.role}")]
    yield _all("rule", (f"{rule.id} ({rule.level}): {rule.title}" for rule in page.rules))
    yield _all("see", (other.name for other in page.related))
    yield [("page", page.setting.link)]


def _of_facts(page: SettingPage | MethodPage) -> Iterator[Iterable[tuple[str, str]]]:
    yield _all("limit", map(sentences.limit_words, page.limits))
    yield _all("retiring", map(sentences.retirement_words, page.retirements))
    yield [("Graph", sentences.listed(page.availability.versions, "and"))]
    yield [("clouds", sentences.where(page.availability.clouds))]


def _method(page: MethodPage) -> Iterator[Iterable[tuple[str, str]]]:
    yield from _of_facts(page)
    yield _all("setting", (f"{each.dotted}: {each.row.label}" for each in page.settings))
    yield [("page", page.resource.link)]


def _rule(page: RulePage) -> Iterator[Iterable[tuple[str, str]]]:
    rule = page.rule
    yield [("level", rule.level), ("checks", sentences.JUDGES[rule.kind]), ("fix", rule.fix)]
    yield _all("setting", sentences.judged(rule))
    yield [("page", rule.source)] if rule.source else []


def _key(key: FileKey) -> Iterator[Iterable[tuple[str, str]]]:
    yield [("takes", key.takes)]
    yield (("", f"{value}: {about}") for value, about in key.values)
    yield _all("key", (f"{name}: {about}" for name, about in key.members))


def document(result: Explained, style: Style) -> Json:
    """`methods`, `settings`, `rules` and `keys`, and the day of the facts."""
    pages = [page_of(topic, result.facts) for topic in result.items]
    return {
        "facts_as_of": result.facts.as_of,
        "methods": [_method_json(page) for page in pages if isinstance(page, MethodPage)],
        "settings": [_setting_json(page) for page in pages if isinstance(page, SettingPage)],
        "rules": [
            {
                **members(page.rule, "id kind level title about fix"),
                "settings": [setting.name for setting in page.settings],
                "page": page.rule.source or None,
            }
            for page in pages
            if isinstance(page, RulePage)
        ],
        "keys": [
            {
                **members(page, "id about takes"),
                "values": dict(page.values),
                "keys": dict(page.members),
            }
            for page in pages
            if isinstance(page, FileKey)
        ],
    }


def _method_json(page: MethodPage) -> Json:
    return {
        "name": page.resource.id,
        "label": page.resource.label,
        "about": page.resource.doc,
        "limits": [asdict(row) for row in page.limits],
        "retirements": [asdict(row) for row in page.retirements],
        **_availability(page.availability),
        "settings": [setting.name for setting in page.settings],
        "page": page.resource.link,
    }


def _setting_json(page: SettingPage) -> Json:
    setting, row, kind = page.setting, page.setting.row, page.setting.row.kind
    named = (
        dict(zip(kind.members, kind.docs, strict=True)) if isinstance(kind, Enum | Flags) else None
    )
    return {
        "name": setting.name,
        "resource": setting.resource.id,
        "path": setting.dotted,
        "label": setting.label,
        "about": row.doc,
        "type": sentences.KINDS[type(kind)],
        "takes": sentences.takes(kind),
        "values": named,
        "minimum": kind.minimum if isinstance(kind, Int) else None,
        "maximum": kind.maximum if isinstance(kind, Int) else None,
        "unit": (kind.unit or None) if isinstance(kind, Int) else None,
        "default": row.default,
        "managed": [asdict(value) for value in page.managed],
        "limits": [asdict(limit) for limit in page.limits],
        "retirements": [asdict(retired) for retired in page.retirements],
        "rewritings": [asdict(row) for row in page.rewritings],
        **_availability(page.availability),
        "permissions": [members(need, "scope role") for need in page.permissions.values()],
        "rules": [rule.id for rule in page.rules],
        "related": [other.name for other in page.related],
        "example": sentences.example(setting),
        "page": setting.link,
    }


def _availability(found: Availability) -> dict[str, Json]:
    clouds = {cloud: list(versions) for cloud, versions in found.clouds.items()}
    return {"versions": list(found.versions), "clouds": clouds}
