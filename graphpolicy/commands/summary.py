"""ci summary: whether a plan is the one that was reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphpolicy.github.sticky import digests, ours, people

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


def reviewed(hub: Hub, number: int, body: str, author: str) -> str:
    """Markdown that says whether this plan is the one that the pull request was reviewed with.

    Empty if `body` has no plan.
    """
    now = digests(body)
    if not now:
        return ""
    found = ours(hub.comments(number), body, author)
    if not found:
        return f"> [!WARNING]\n> #{number} was reviewed without a plan of this tenant.\n"
    if digests(found[0].body) == now:
        same = f"This is the same plan as reviewed in #{number}"
        then, is_ = (people(text) for text in (found[0].body, body))
        if then == is_:
            return f"{same}.\n"
        numbers = (" and ".join(f"{each:,}" for each in some) or "none" for some in (is_, then))
        return (
            "> [!WARNING]\n> {}, but the waves that it opens have other numbers of people: {} now, "
            "{} then.\n"
        ).format(same, *numbers)
    return (
        f"> [!WARNING]\n> **This is not the plan that was reviewed in #{number}**: the tenant, a "
        "group or the files have changed since. Read this one before you approve it.\n"
    )
