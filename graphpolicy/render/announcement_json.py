"""An announcement as JSON, for a script that sends it: format_version 1."""

from __future__ import annotations

from collections.abc import Iterable

from graphpolicy.announce import Announcement, Picture, Said, Section
from graphpolicy.announce.texts import Texts
from graphpolicy.model import Change, Failure, Json
from graphpolicy.render import Style
from graphpolicy.render.announcement import Draft, described, messages as blocks, when
from graphpolicy.render.announcement_text import text_of
from graphpolicy.render.as_json import tenant_json


def document(draft: Draft, style: Style) -> Json:
    """Every tenant: the texts as in a mail, and the changes that each sentence comes from."""
    made = iter(blocks(draft))
    found = [
        {
            **_announcement(announcement, draft),
            **{part: text_of(next(made)) for part in draft.parts},
        }
        for announcement in draft.announcements
    ]
    return {
        "announcements": [*found, *map(_failure, draft.failures)],
    }


def _announcement(announcement: Announcement, draft: Draft) -> dict[str, Json]:
    tenant = announcement.tenant
    texts = draft.texts.of(tenant.name)
    return {
        "tenant": tenant_json(tenant),
        "when": when(draft.date, texts) if announcement.changes else None,
        "date": draft.date or None,
        "sections": [_section(section, texts) for section in announcement.sections],
        "unseen": _causes(announcement.unseen),
    }


def _section(section: Section, texts: Texts) -> Json:
    people = section.people
    return {
        "people": {
            "include": list(people.include),
            "exclude": list(people.exclude),
            "unchanged": list(people.unchanged),
        },
        "said": [_said(one) for one in section.said],
        "picture": section.picture and _picture(section.picture, texts),
    }


def _said(one: Said) -> Json:
    return {
        "setting": one.name,
        "value": one.value or None,
        **{part: one.texts.get(part) for part in ("see", "do", "never", "helpdesk")},
        "causes": _causes(one.causes),
    }


def _picture(picture: Picture, texts: Texts) -> Json:
    sides = {"before": picture.before, "after": picture.after}
    return {
        **{
            name: {part: part in side for part in ("number", "application", "map")}
            for name, side in sides.items()
        },
        "description": described(picture, texts),
    }


def _causes(changes: Iterable[Change]) -> Json:
    return [{"resource": change.resource, "path": change.path} for change in changes]


def _failure(failure: Failure) -> Json:
    tenant = failure.tenant
    return {
        "tenant": tenant_json(tenant),
        "error": {"code": failure.code, "message": failure.message},
    }
