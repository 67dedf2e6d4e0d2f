"""Pages of `explain` as JSON: format_version 1."""

from __future__ import annotations

from dataclasses import asdict

from graphpolicy.catalogue.kinds import Enum, Flags, Int, Kind
from graphpolicy.explain import (
    Availability,
    Explained,
    MethodPage,
    RulePage,
    SettingPage,
    page_of,
)
from graphpolicy.explain.sentences import KINDS, example, takes
from graphpolicy.model import Json
from graphpolicy.render import Style


def document(result: Explained, style: Style) -> Json:
    """`methods`, `settings` and `rules`, and the day of the facts."""
    del style
    facts = result.facts
    pages = [page_of(topic, facts) for topic in result.items]
    return {
        "facts_as_of": facts.as_of,
        "methods": [_method(page) for page in pages if isinstance(page, MethodPage)],
        "settings": [_setting(page) for page in pages if isinstance(page, SettingPage)],
        "rules": [_rule(page) for page in pages if isinstance(page, RulePage)],
    }


def _method(page: MethodPage) -> Json:
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


def _setting(page: SettingPage) -> Json:
    setting, row = page.setting, page.setting.row
    return {
        "name": setting.name,
        "resource": setting.resource.id,
        "path": setting.dotted,
        "label": setting.label,
        "about": row.doc,
        "type": KINDS[type(row.kind)],
        "takes": takes(row.kind),
        "values": _values(row.kind),
        "minimum": row.kind.minimum if isinstance(row.kind, Int) else None,
        "maximum": row.kind.maximum if isinstance(row.kind, Int) else None,
        "unit": (row.kind.unit or None) if isinstance(row.kind, Int) else None,
        "default": row.default,
        "managed": [asdict(value) for value in page.managed],
        "limits": [asdict(limit) for limit in page.limits],
        "retirements": [asdict(retired) for retired in page.retirements],
        **_availability(page.availability),
        "permissions": [{"scope": need.scope, "role": need.role} for need in page.permissions],
        "rules": [rule.id for rule in page.rules],
        "related": [other.name for other in page.related],
        "example": example(setting),
        "page": setting.link,
    }


def _values(kind: Kind) -> Json:
    if not isinstance(kind, Enum | Flags):
        return None
    return dict(zip(kind.members, kind.docs, strict=True))


def _rule(page: RulePage) -> Json:
    rule = page.rule
    return {
        "id": rule.id,
        "kind": rule.kind,
        "level": rule.level,
        "title": rule.title,
        "about": rule.about,
        "fix": rule.fix,
        "settings": [setting.name for setting in page.settings],
        "page": rule.source or None,
    }


def _availability(availability: Availability) -> dict[str, Json]:
    return {
        "versions": list(availability.versions),
        "clouds": {cloud: list(versions) for cloud, versions in availability.clouds.items()},
    }
