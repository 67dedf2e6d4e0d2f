"""A report as JSON lines: one line for each tenant, a PLAN with its versions."""

from __future__ import annotations

import json

from graphpolicy.model import Json
from graphpolicy.render import Style, view
from graphpolicy.render.as_json import envelope


def render(result: object, style: Style) -> str:
    """The PLANs of a report, each a document of its own."""
    return "".join(map(line, plans(result, style)))


def plans(result: object, style: Style) -> list[Json]:
    """The PLANs of a report as JSON values."""
    found: list[Json] = view(result, "document", style)["plans"]
    return found


def line(plan: Json) -> str:
    """One PLAN as a line."""
    return json.dumps(envelope(plan)) + "\n"
