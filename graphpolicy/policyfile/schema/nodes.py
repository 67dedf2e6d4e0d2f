"""The pieces that schemas are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphpolicy.catalogue.shared import GUID

Schema = dict[str, Any]

GUID_PATTERN = f"^(?:{GUID})$"
TENANT_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"

TEXT: Schema = {"type": "string", "minLength": 1}


def closed(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    """A map that may have these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        **more,
    }


def guid() -> Schema:
    """An object id."""
    return {"type": "string", "pattern": GUID_PATTERN}


def offered(values: Mapping[str, str] | Mapping[int, str]) -> Schema:
    """Values that an editor proposes, each with its meaning; other values stay allowed.

    yaml-language-server proposes nothing from a `then`. It shows `examples` in every hover, and
    writes a `default` when it completes the map around it, which would manage a setting unasked.
    """
    return {
        "defaultSnippets": [
            {"label": str(value), "body": value, "description": about}
            for value, about in values.items()
        ]
    }
