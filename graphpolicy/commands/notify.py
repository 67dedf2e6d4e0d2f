"""notify: tell a channel what a nightly run found, once for each set of differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from graphpolicy.github.cards import Kind, News, message
from graphpolicy.github.look import Look
from graphpolicy.github.watch import BLIND, Issue, memory, remembered, state_of
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


@dataclass(frozen=True, slots=True)
class Untold:
    """What is new about a tenant, with its drift issue, in which it is remembered that it was told;
    None if there is none.
    """

    news: News
    issue: Issue | None


def untold(seen: Iterable[Look], issues: Sequence[Issue]) -> Iterator[Untold]:
    """What no channel was told yet. Without an issue nothing is remembered: each run tells it."""
    known: dict[str, Issue] = {}
    for each in issues:
        own = memory(each.body)
        if own:
            known.setdefault(own.tenant, each)
    for look in seen:
        issue = known.get(look.tenant)
        kept = memory(issue.body) if issue else None
        state = state_of(look)
        if state == (kept.told if kept else ""):
            continue
        yield Untold(News(_kind(look, state, kept.told if kept else ""), look), issue)


def _kind(look: Look, state: str, told: str) -> Kind:
    if look.blind:
        return "blind"
    if state:
        return "drift"
    return "sees" if told == BLIND else "ended"


def tell(
    found: Sequence[Untold],
    receiver: str,
    run: str,
    post: Callable[[bytes], str],
    hub: Hub | None,
) -> Iterator[tuple[str, str]]:
    """Post one message about all of it, and remember in each issue what was told.

    Yields (what happened, why it failed or '') for each step. `post` returns why a message was not
    taken. Without a `hub` nothing is remembered.
    """
    why = post(message(receiver, [each.news for each in found], run))
    if why:
        yield f"nobody was told: the receiver did not take the message: {why}", why
        return
    for each in found:
        yield f"told {receiver}: {each.news.title}", ""
        if each.issue and hub:
            body = remembered(each.issue.body, state_of(each.news.look))
            hub.edit_issue(each.issue.number, each.issue.title, body, open_=each.issue.open)


def nothing_read(why: str, tenant: str | None) -> tuple[Look, ...]:
    """The result of a run without a report, where no issue says which tenants are watched."""
    return (Look("", tenant or "every tenant", blind=why),)
