"""An announcement as JSON, for a script that sends it: format_version 1."""

from __future__ import annotations

import json
from collections.abc import Iterable

from graphpolicy import __version__
from graphpolicy.announce import Announcement, Picture, Said, Section
from graphpolicy.announce.texts import Texts
from graphpolicy.model import Change, Failure, Json
from graphpolicy.render import Style
from graphpolicy.render.announcement import Draft, described, messages as blocks, when
from graphpolicy.render.announcement_text import text_of

FORMAT_VERSION = "1"


def messages(draft: Draft, style: Style) -> str:
    """Every tenant: the texts as they stand in a mail, and what each sentence comes from."""
    del style
    made = iter(blocks(draft))
    found = [
        {
            **_announcement(announcement, draft),
            **{part: text_of(next(made)) for part in draft.parts},
        }
        for announcement in draft.announcements
    ]
    document = {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "announcements": [*found, *map(_failure, draft.failures)],
    }
    return json.dumps(document, indent=2) + "\n"


def _announcement(announcement: Announcement, draft: Draft) -> dict[str, Json]:
    tenant = announcement.tenant
    texts = draft.texts.of(tenant.name)
    return {
        "tenant": {"name": tenant.name, "id": tenant.id, "cloud": tenant.cloud},
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
        "tenant": {"name": tenant.name, "id": tenant.id, "cloud": tenant.cloud},
        "error": {"code": failure.code, "message": failure.message},
    }
