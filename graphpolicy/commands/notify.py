"""notify: tell a channel what a nightly run found, once for each set of differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphpolicy.github.cards import News, NewsKind, message
from graphpolicy.github.drift_result import TenantDrift
from graphpolicy.github.tenant_issue import (
    BLIND,
    Issue,
    memory,
    remembered,
    state_of,
    without_drift,
)
from graphpolicy.github.wave_news import marks, new_waves
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub


@dataclass(frozen=True, slots=True)
class UnsentNews:
    """What is new about a tenant, and its drift issue, which remembers what was posted (None if
    there is no issue). `waves` are the marks to remember; there may be more of them than news.
    """

    look: TenantDrift
    news: tuple[News, ...]
    issue: Issue | None
    waves: Mapping[str, str]


def untold(
    seen: Iterable[TenantDrift], issues: Sequence[Issue], *, remembers: bool = True
) -> Iterator[UnsentNews]:
    """What was not posted yet. Without an issue nothing is remembered, and each run posts it.

    `remembers` is whether an issue can be written.
    """
    known: dict[str, Issue] = {}
    for each in issues:
        own = memory(each.body)
        if own:
            known.setdefault(own.tenant, each)
    for look in seen:
        issue = known.get(look.tenant)
        kept = memory(issue.body) if issue else None
        state, told = state_of(look), kept.told if kept else ""
        before = kept.waves if kept else {}
        waves = before if look.blind else marks(look.waves)
        news = [News(_kind(look, state, told), look)] if state != told else []
        opened = tuple(new_waves(look.waves, before, remembers=remembers))
        news += [News("waves", look, opened)] if opened else []
        if news or waves != before:
            yield UnsentNews(look, tuple(news), issue, waves)


def _kind(look: TenantDrift, state: str, told: str) -> NewsKind:
    if look.blind:
        return "blind"
    if state:
        return "drift"
    return "sees" if told == BLIND else "ended"


def tell(
    found: Sequence[UnsentNews],
    receiver: str,
    run: str,
    post: Callable[[bytes], str],
    hub: Hub | None,
    *,
    label: str,
) -> Iterator[tuple[str, str]]:
    """Post one message about all of it, and remember in each issue what was posted.

    Yields (what happened, why it failed or '') for each step. `post` returns why a message was not
    taken. Without a `hub` nothing is remembered. A tenant that has news of waves and no issue gets
    a closed issue with this label.
    """
    news = [one for each in found for one in each.news]
    why = post(message(receiver, news, run)) if news else ""
    if why:
        yield f"the message was not delivered: {why}", why
        return
    for each in found:
        for one in each.news:
            yield f"sent to {receiver}: {one.title}", ""
        if hub:
            _remember(hub, each, label)


def _remember(hub: Hub, told: UnsentNews, label: str) -> None:
    issue, state = told.issue, state_of(told.look)
    if issue:
        body = remembered(issue.body, state, told.waves)
        hub.edit_issue(issue.number, issue.title, body, open_=issue.open)
    elif told.news and not state:
        todo = without_drift(told.look, told.waves)
        number = hub.open_issue(todo.title, todo.body, label)
        hub.edit_issue(number, todo.title, todo.body, open_=todo.open)


def nothing_read(why: str, tenant: str | None) -> tuple[TenantDrift, ...]:
    """The result of a run without a report, where no issue says which tenants are watched."""
    return (TenantDrift("", tenant or "every tenant", blind=why),)
