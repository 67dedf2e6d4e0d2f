"""Why a setting differs: the files changed, the tenant changed, or both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphpolicy.catalogue.values import overlay, same
from graphpolicy.compare.diff import Comparison, Difference
from graphpolicy.compare.documents import matches
from graphpolicy.model import POLICY, Cause, Json, Path, Resolved


def cause(comparison: Comparison, difference: Difference, base: Iterable[Resolved] | None) -> Cause:
    """The cause of one difference. `base` is what the base declares; None if there is no base.

    B is declared in the base, D is declared now, L is live. If B = D it is drift. If there is no B,
    or B = L, it is an edit. If all three differ it is both.
    """
    if base is None:
        return "unknown"
    said = (_at(item.tree, difference.path) for item in base if _same_resource(item, comparison))
    found, value = next((each for each in said if each[0]), (False, None))
    if not found:
        return "edit"
    kind = difference.row.kind
    then = overlay(kind, difference.before, value)
    if same(kind, then, difference.after):
        return "drift"
    return "edit" if same(kind, then, difference.before) else "both"


def _same_resource(item: Resolved, comparison: Comparison) -> bool:
    """Whether a declaration is about the compared resource, an external method by id or name."""
    return item.resource == comparison.resource.id and any(
        item.resource == POLICY or matches(item, document)
        for document in comparison.documents.values()
    )


def _at(tree: Json, path: Path) -> tuple[bool, Json]:
    """Whether a tree sets a setting, and its value, which may be null."""
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return False, None
        tree = tree[name]
    return True, tree
