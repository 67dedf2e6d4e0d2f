"""How long a command waits for Graph."""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import given, strategies as st

from graphpolicy.graph.retry import (
    OUTAGE_SECONDS,
    Budget,
    NoAnswer,
    Pace,
    Patience,
    Reply,
    wait_asked,
)

Clock: TypeAlias = Any
"""The fixture's: time that passes only while somebody waits."""

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def reply(status: int, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, b"")


class Script:
    """Answers in order, then always the last one; notes the requests."""

    def __init__(self, *outcomes: Reply | NoAnswer) -> None:
        self.outcomes = outcomes
        self.fresh: list[bool] = []

    async def __call__(self, fresh: bool) -> Reply:
        outcome = self.outcomes[min(len(self.fresh), len(self.outcomes) - 1)]
        self.fresh.append(fresh)
        if isinstance(outcome, NoAnswer):
            raise outcome
        return outcome


def bear(
    script: Script, clock: Clock, *, budget: float = 600, repeatable: bool = True
) -> tuple[Reply, list[str]]:
    said: list[str] = []
    patience = Patience(clock.pace, said.append, Budget(budget))
    return asyncio.run(patience.answer(script, repeatable=repeatable)), said


def test_a_throttled_request_waits_as_long_as_graph_asks_and_says_so(clock: Clock) -> None:
    answer, said = bear(Script(reply(429, retry_after="12"), reply(200)), clock)
    assert answer.status == 200
    assert clock.waits == [12]
    [line] = said
    assert re.findall(r"\d+", line) == ["12", "429", "588"]


def test_a_wait_beyond_the_sdks_limit_is_honoured(clock: Clock) -> None:
    answer, _ = bear(Script(reply(429, retry_after="315"), reply(200)), clock)
    assert (answer.status, clock.waits) == (200, [315])


def test_a_wait_beyond_the_budget_is_not_begun(clock: Clock) -> None:
    answer, said = bear(Script(reply(429, retry_after="601")), clock)
    assert (answer.status, clock.waits, said) == (429, [], [])


def test_a_wait_of_nothing_is_not_taken_for_permission_to_hammer(clock: Clock) -> None:
    answer, _ = bear(Script(reply(429, retry_after="0")), clock, budget=100)
    assert answer.status == 429
    assert clock.waits[:4] == [0.75, 1.5, 3.0, 6.0]
    assert sum(clock.waits) <= 100


def test_without_a_time_the_waits_double_up_to_a_minute(clock: Clock) -> None:
    _, said = bear(Script(reply(429)), clock)
    assert clock.waits[:3] == [0.75, 1.5, 3.0]
    assert max(clock.waits) == 45
    assert re.findall(r"\d+", said[0]) == ["1", "429", "599"]


def test_an_overload_that_names_a_time_is_throttling(clock: Clock) -> None:
    answer, _ = bear(Script(reply(503, retry_after="120"), reply(200)), clock)
    assert (answer.status, clock.waits) == (200, [120])


@pytest.mark.parametrize("trouble", [reply(500), reply(502), reply(503), NoAnswer("x", sent=True)])
def test_an_outage_is_tried_again_on_a_new_connection_for_half_a_minute(
    trouble: Reply | NoAnswer, clock: Clock
) -> None:
    script = Script(trouble)
    if isinstance(trouble, Reply):
        assert bear(script, clock)[0] == trouble
    else:
        with pytest.raises(NoAnswer):
            bear(script, clock)
    assert script.fresh == [False, *[True] * len(clock.waits)]
    assert 15 < sum(clock.waits) <= OUTAGE_SECONDS


def test_an_outage_after_long_throttling_has_its_own_half_minute(clock: Clock) -> None:
    throttled = [reply(429, retry_after="2")] * 8
    script = Script(*throttled, reply(502), reply(502), *throttled, reply(502), reply(200))
    answer, _ = bear(script, clock)
    assert answer.status == 200
    waits = [wait for wait in clock.waits if wait != 2]
    assert waits == [0.75, 1.5, 0.75]


def test_slow_failures_are_not_repeated_for_minutes(clock: Clock) -> None:
    script = Script(NoAnswer("nothing within 120 s", sent=True))

    async def slow(fresh: bool) -> Reply:
        clock.now += 120
        return await script(fresh)

    with pytest.raises(NoAnswer):
        asyncio.run(Patience(clock.pace, lambda _: None, Budget(600)).answer(slow))
    assert len(script.fresh) == 2


def test_a_refused_certificate_is_not_tried_again(clock: Clock) -> None:
    script = Script(NoAnswer("x", sent=False, certificate=True))
    with pytest.raises(NoAnswer):
        bear(script, clock)
    assert len(script.fresh) == 1


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 409, 412, 423])
def test_an_answer_is_an_answer(status: int, clock: Clock) -> None:
    script = Script(reply(status, retry_after="5"))
    assert bear(script, clock)[0].status == status
    assert len(script.fresh) == 1


@pytest.mark.parametrize(
    "trouble",
    [reply(500), reply(503, retry_after="1"), reply(504), reply(408), NoAnswer("x", sent=True)],
)
def test_a_write_that_may_have_happened_is_never_repeated(
    trouble: Reply | NoAnswer, clock: Clock
) -> None:
    script = Script(trouble)
    if isinstance(trouble, Reply):
        assert bear(script, clock, repeatable=False)[0] == trouble
    else:
        with pytest.raises(NoAnswer):
            bear(script, clock, repeatable=False)
    assert (len(script.fresh), clock.waits) == (1, [])


def test_a_write_that_certainly_did_not_happen_is_repeated(clock: Clock) -> None:
    script = Script(reply(429, retry_after="3"), NoAnswer("refused", sent=False), reply(200))
    assert bear(script, clock, repeatable=False)[0].status == 200
    assert clock.waits == [3, 0.75]


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("12", "", 12),
        ("1.5", "", 1.5),
        (" 7 ", "", 7),
        ("0", "", 0),
        ("Tue, 24 Nov 2026 12:05:15 GMT", "", 315),
        ("Tue, 24 Nov 2026 11:00:00 GMT", "", 0),
        ("Tue, 24 Nov 2026 12:05:15 -0000", "", 315),
        ("Tue, 24 Nov 2026 12:05:15 GMT", "Tue, 24 Nov 2026 12:05:00 GMT", 15),
        ("Tue, 24 Nov 2026 12:05:15 GMT", "nonsense", 315),
        ("", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("١٢", "", None),
        ("inf", "", None),
        ("9" * 400, "", 99999999999999999999.0),
        ("Tue, 24 Nov 99999 12:05:15 GMT", "", None),
    ],
)
def test_the_wait_that_graph_asks_for(text: str, date: str, expected: float | None) -> None:
    assert wait_asked({"retry-after": text, "date": date}, TODAY) == expected


def test_the_defaults_are_the_real_clock_and_real_chance() -> None:
    pace = Pace()
    assert pace.today().tzinfo is UTC
    assert 0.5 <= pace.back_off(0) <= 1
    assert pace.back_off(500) <= 60


statuses = st.sampled_from([200, 204, 302, 400, 401, 404, 408, 429, 500, 502, 503, 504])
replies = st.builds(
    Reply,
    status=statuses,
    headers=st.one_of(
        st.just({}),
        st.fixed_dictionaries({"retry-after": st.one_of(st.integers(0, 900).map(str), st.text())}),
    ),
    body=st.just(b""),
)
breaks = st.builds(NoAnswer, st.text(max_size=5), sent=st.booleans(), certificate=st.booleans())
scripts = st.lists(st.one_of(replies, breaks), min_size=1, max_size=12)


@given(
    outcomes=scripts,
    budget=st.floats(0, 1000),
    repeatable=st.booleans(),
    luck=st.floats(0, 1),
)
def test_patience_never_waits_longer_than_its_budget(
    new_clock: Clock, outcomes: list[Reply | NoAnswer], budget: float, repeatable: bool, luck: float
) -> None:
    clock = new_clock(luck=luck)
    script = Script(*outcomes)
    said: list[str] = []
    with contextlib.suppress(NoAnswer):
        asyncio.run(
            Patience(clock.pace, said.append, Budget(budget)).answer(script, repeatable=repeatable)
        )
    assert sum(clock.waits) <= budget + 1e-6
    assert len(said) == len(clock.waits) == len(script.fresh) - 1


@given(outcomes=scripts)
def test_a_write_is_never_repeated_after_an_answer_that_leaves_its_fate_open(
    new_clock: Clock,
    outcomes: list[Reply | NoAnswer],
) -> None:
    clock = new_clock()
    script = Script(*outcomes)
    with contextlib.suppress(NoAnswer):
        asyncio.run(
            Patience(clock.pace, lambda _: None, Budget(600)).answer(script, repeatable=False)
        )
    for outcome in script.outcomes[: len(script.fresh) - 1]:
        assert outcome.status == 429 if isinstance(outcome, Reply) else not outcome.sent


def test_waits_side_by_side_use_the_budget_once_and_those_after_it_again() -> None:
    budget = Budget(600)
    assert budget.take(0, 300)
    assert budget.take(10, 290)
    assert budget.left == 300
    assert budget.take(100, 300)
    assert budget.left == 200
    assert not budget.take(400, 201)
    assert budget.take(400, 200)
    assert budget.left == 0
    assert budget.take(500, 100)
