"""A Graph of twenty lines, for the laws: it knows JSON and nothing of the catalogue.

It answers the one open question that bodies must be right under: whether a PATCH **merges** nested
objects into what is there or **replaces** them. Arrays are replaced. What the API version of a
request doesn't show, and number matching, which Microsoft keeps to itself, outlives a replacement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Semantics = Literal["merge", "replace"]
KEPT = "numberMatchingRequiredState"


def patched(truth: Mapping[str, Any], body: Mapping[str, Any], semantics: Semantics) -> Any:
    """What a tenant holds after a PATCH."""
    return {
        **truth,
        **{
            name: _written(truth.get(name), value, semantics)
            for name, value in body.items()
            if name != "@odata.type"
        },
    }


def _written(before: Any, sent: Any, semantics: Semantics) -> Any:
    if not isinstance(sent, dict) or not isinstance(before, dict):
        return sent
    kept = before if semantics == "merge" else {n: v for n, v in before.items() if n == KEPT}
    return {**kept, **{name: _written(before.get(name), v, semantics) for name, v in sent.items()}}
