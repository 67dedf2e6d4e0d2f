"""A small Graph, for the laws: it knows JSON and nothing of the catalogue.

It answers the one open question that bodies must be right under: whether a PATCH **merges** nested
objects into what is there or **replaces** them. Arrays are replaced. What the API version of a
request doesn't show, and number matching, which Microsoft keeps to itself, outlives a replacement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from graphpolicy.model import Request

Semantics = Literal["merge", "replace"]
KEPT = "numberMatchingRequiredState"
APPLIES = "appliesToCombinations"


def written(truth: Mapping[str, Any], request: Request, semantics: Semantics) -> Any:
    """What a tenant holds after a request. Entries that are listed below it are a map by name."""
    *_, id_, at = ("", *request.url.split("/"))
    for name, of in ((at, ""), (id_, at)):
        if name == "combinationConfigurations":
            return {**truth, name: _listed(truth.get(name) or {}, of, request, semantics)}
    return patched(truth, request.body, semantics)


def _listed(
    named: Mapping[str, Any], of: str, request: Request, semantics: Semantics
) -> dict[str, Any]:
    before = named.get(of.removeprefix("of-"), {})
    left = {name: value for name, value in named.items() if not of or value != before}
    own = {name: value for name, value in request.body.items() if name != APPLIES}
    after = patched(before, own, semantics)
    return {**left, **dict.fromkeys(request.body.get(APPLIES, ()), after)}


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
