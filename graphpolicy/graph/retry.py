"""Retries: wait while Graph throttles, and repeat requests during a short outage.

**Throttling** (429, and 503 with Retry-After) means that Graph did nothing: the request is repeated
after the time that Graph asks for, or after an exponential back-off, until the budget is used up.
After an **outage** (5xx, 408, no answer) it is not clear what Graph did: only a request that may be
repeated is sent again, on a new connection, for half a minute. The SDK's own retry is off: it waits
silently, gives up if the wait is longer than 180 s, and repeats writes (kiota's RetryHandler).
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from math import ceil

from graphpolicy.graph.failures import clean
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass

BUDGET_SECONDS = 600.0
"""Seconds that a command waits for throttling in total, by default."""

OUTAGE_SECONDS = 30.0
LONGEST_BACK_OFF = 60.0

OUTAGES = frozenset({408, 500, 502, 503, 504, 509})
"""Statuses after which it is not clear what Graph did, and that may pass."""

ProgressCallback = Callable[[str], None]


@dataclass(frozen=True)
class Reply:
    """One answer as it came. `headers` ignore case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Json:
        """The JSON, or None. The content type is ignored: a web page may claim to be JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class NoAnswer(Exception):  # noqa: N818
    """No answer. `sent` is false only if the request certainly never left."""

    def __init__(
        self, reason: str, *, sent: bool, certificate: bool = False, final: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.certificate = certificate
        """The other side's certificate was refused, so a retry is useless."""
        self.final = certificate or final


@dataclass(frozen=True, slots=True)
class Pace:
    """Clock, sleep and randomness, which tests replace."""

    clock: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def back_off(self, turn: int) -> float:
        """Seconds before retry `turn`, counted from 0: it doubles, and half of it is random."""
        return min(LONGEST_BACK_OFF, 2.0 ** min(turn, 10)) * (0.5 + self.chance() / 2)


REPORTS, REPORT_SECONDS = 5, 10.0
"""Graph answers an application so many requests for a tenant's reports in so many seconds (Graph:
"Microsoft Graph service-specific throttling limits", identity and access reports)."""

ON_THE_WAY = 0.25
"""Seconds by which one request may be longer on its way than another."""


class Pacer:
    """Asks for reports no faster than Graph answers. This wait is our own and counts against no
    budget.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._asked = deque[float](maxlen=REPORTS)

    async def turn(self) -> None:
        """Return when the next request may be sent."""
        if len(self._asked) == REPORTS:
            wait = self._asked[0] + REPORT_SECONDS + ON_THE_WAY - self._pace.clock()
            if wait > 0:
                await self._pace.sleep(wait)
        self._asked.append(self._pace.clock())


class Budget:
    """The seconds left for waiting. Requests that wait at the same time use them only once."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self._until = 0.0

    def take(self, now: float, seconds: float) -> bool:
        """Whether a wait that begins now is within the budget; if so, its cost is deducted."""
        until = now + seconds
        cost = max(0.0, until - max(now, self._until))
        if cost > self.left:
            return False
        self.left -= cost
        self._until = max(self._until, until)
        return True


class Patience:
    """The retries of one operation, however many requests it needs, within one budget."""

    def __init__(self, pace: Pace, progress: ProgressCallback, budget: Budget) -> None:
        self._pace = pace
        self._progress = progress
        self._budget = budget

    async def answer(
        self, send: Callable[[bool], Awaitable[Reply]], *, repeatable: bool = True
    ) -> Reply:
        """The answer to `send(fresh)`; `fresh` asks for a new connection.

        If the time is used up, the last answer is returned as it is. A request that is not
        `repeatable` is repeated only if Graph did nothing: it was throttled, or never left.

        Raises:
            NoAnswer: there was no answer.
        """
        turn = 0  # counts within throttling, or within one outage: each has its own back-off
        outage_since: float | None = None
        while True:
            outcome = await _attempt(send, fresh=outage_since is not None)
            asked = _asked(outcome, self._pace.today())
            if isinstance(outcome, Reply) and _throttled(outcome, asked, repeatable=repeatable):
                turn = turn if outage_since is None else 0
                outage_since = None
                wait = asked if asked is not None and asked >= 1 else self._pace.back_off(turn)
                words = _throttling(outcome, wait, asked)
            elif _final(outcome, repeatable=repeatable):
                return _settled(outcome)
            else:
                now = self._pace.clock()
                if outage_since is None:
                    turn, outage_since = 0, now
                wait = self._pace.back_off(turn)
                words = f"{_outage(outcome)}, trying again in {ceil(wait)} s"
                if now - outage_since + wait > OUTAGE_SECONDS:
                    return _settled(outcome)
            if not await self._wait(wait, words):
                return _settled(outcome)
            turn += 1

    async def _wait(self, seconds: float, words: str) -> bool:
        if not self._budget.take(self._pace.clock(), seconds):
            return False
        self._progress(f"{words}, {self._budget.left:.0f} s of waiting time left")
        await self._pace.sleep(seconds)
        return True


def wait_asked(headers: Mapping[str, str], today: datetime) -> float | None:
    """The seconds in Retry-After, which is a number, or a date by the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit():
        return float(text[:20])
    until = _date(text)
    if until is None:
        return None
    return max(0.0, (until - (_date(headers.get("date", "")) or today)).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


async def _attempt(send: Callable[[bool], Awaitable[Reply]], *, fresh: bool) -> Reply | NoAnswer:
    try:
        return await send(fresh)
    except NoAnswer as broken:
        return broken


def _asked(outcome: Reply | NoAnswer, today: datetime) -> float | None:
    refused = outcome if isinstance(outcome, Reply) and outcome.status >= 400 else None
    return wait_asked(refused.headers, today) if refused else None


def _throttled(reply: Reply, asked: float | None, *, repeatable: bool) -> bool:
    return reply.status == 429 or (reply.status == 503 and asked is not None and repeatable)


def _final(outcome: Reply | NoAnswer, *, repeatable: bool) -> bool:
    if isinstance(outcome, Reply):
        return outcome.status not in OUTAGES or not repeatable
    return outcome.final or (outcome.sent and not repeatable)


def _settled(outcome: Reply | NoAnswer) -> Reply:
    if isinstance(outcome, NoAnswer):
        raise outcome
    return outcome


def _throttling(reply: Reply, wait: float, asked: float | None) -> str:
    if asked is not None and asked >= 1:
        return f"Graph asks to wait {ceil(wait)} s ({reply.status})"
    return (
        f"Graph throttles and does not say for how long, trying again in {ceil(wait)} s "
        f"({reply.status})"
    )


def _outage(outcome: Reply | NoAnswer) -> str:
    if isinstance(outcome, NoAnswer):
        return clean(outcome.reason)
    return f"Graph answered {outcome.status}"
