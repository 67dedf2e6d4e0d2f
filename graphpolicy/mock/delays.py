"""Reads that see an old state, as after slow replication: Graph guarantees no delay."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from .clock import Clock

State = TypeVar("State")


@dataclass(slots=True)
class _Older(Generic[State]):
    state: State
    reads: int | None
    until: datetime | None


@dataclass(slots=True)
class Delays(Generic[State]):
    """Old states that reads still see, oldest first, for a number of reads or until a time."""

    clock: Clock
    _rows: list[_Older[State]] = field(default_factory=list)

    def add(self, state: State, reads: int | None, seconds: float = 0.0) -> None:
        """Let reads see an old state, for `reads` reads, or for `seconds` if `reads` is None."""
        until = None if reads is not None else self.clock() + timedelta(seconds=seconds)
        self._rows.append(_Older(state, reads, until))

    def seen(self, truth: State) -> State:
        """The state that a read sees now; it counts as a read."""
        now = self.clock()
        self._rows = [each for each in self._rows if each.until is None or each.until > now]
        if not self._rows:
            return truth
        oldest = self._rows[0]
        if oldest.reads is not None:
            oldest.reads -= 1
            if oldest.reads == 0:
                self._rows.pop(0)
        return oldest.state

    def clear(self) -> None:
        """End every delay."""
        self._rows.clear()

    def __bool__(self) -> bool:
        """Whether any old state may still be seen."""
        return bool(self._rows)
