"""Facts that Microsoft moves, as dated rows with their source: `facts.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ManagedValue:
    """What `default` (Microsoft managed) meant for a setting, as of a month, by which source."""

    resource: str
    setting: str
    means: str
    as_of: str
    source: str


@cache
def managed_values() -> dict[tuple[str, str], ManagedValue]:
    """The rows by (resource, dotted path)."""
    text = files(__package__).joinpath("facts.json").read_text(encoding="utf-8")
    rows = [ManagedValue(**row) for row in json.loads(text)["managed_values"]]
    return {(row.resource, row.setting): row for row in rows}
