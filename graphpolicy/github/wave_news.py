"""What is new about the waves of rollouts since the last message to a channel. Pure.

Numbers change every night. So a channel gets one message that a wave is held up, and another one
only when another need holds it up, or when one can no longer be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from graphpolicy.github.drift_result import RolloutProgress
from graphpolicy.model.records import dataclass

WaveNewsState: TypeAlias = Literal["opened", "due", "held"]


@dataclass(frozen=True, slots=True)
class WaveNews:
    """A wave was opened, is due, or is held up; then `why` says by what."""

    rollout: str
    wave: str
    state: WaveNewsState
    why: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        if self.state == "opened":
            return f"{self.rollout} is open up to {self.wave}"
        if self.state == "due":
            return f"{self.wave} of {self.rollout} is due and ready"
        return f"{self.wave} of {self.rollout} is held up: {'; '.join(self.why)}"


WORDS: Mapping[WaveNewsState, str] = {"opened": "opened", "due": "due", "held": "held up"}


def counted(news: Iterable[WaveNews]) -> str:
    """How many waves were opened, are due and are held up, in words."""
    states = [each.state for each in news]
    counts = ((states.count(state), words) for state, words in WORDS.items())
    return ", ".join(f"{number} {words}" for number, words in counts if number)


def marks(found: Iterable[RolloutProgress]) -> dict[str, str]:
    """What there is to remember of each rollout. All are digests: the names are hostile text."""
    return {_mark(each.rollout): f"{_mark(each.open)}:{_mark(_next(each))}" for each in found}


def new_waves(
    found: Iterable[RolloutProgress], told: Mapping[str, str], *, remembers: bool
) -> Iterator[WaveNews]:
    """The news since `told`, the marks of the last message.

    Without a memory (`remembers`) it is not known whether a wave was opened lately, so that is not
    posted.
    """
    for each in found:
        before = told.get(_mark(each.rollout))
        opened, _, following = (before or "").partition(":")
        if each.open and _mark(each.open) != opened and (before is not None or remembers):
            yield WaveNews(each.rollout, each.open, "opened")
        if _next(each) and _mark(_next(each)) != following:
            why = tuple(why for _, why in each.unmet)
            yield WaveNews(each.rollout, each.wave, "due" if each.due else "held", why)


def _next(each: RolloutProgress) -> str:
    """The news about the next wave, as it is remembered; '' before its first day."""
    if each.due:
        return f"{each.wave} due"
    needs = [need for need, _ in each.unmet]
    return f"{each.wave} held {sorted(needs)}" if needs and "from" not in needs else ""


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8] if text else ""
