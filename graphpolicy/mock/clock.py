"""The mock's clock: the machine's clock or a test's, plus an offset that a test can set."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The time in the mock; `machine` is the clock without the offset."""

    def __init__(self, machine: Callable[[], datetime] | None = None) -> None:
        """Start at the time of `machine`, by default the machine's own."""
        self.machine = machine or _now
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the time in the mock, in UTC."""
        return self.machine() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back if `seconds` is negative."""
        self._ahead += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Set the clock to a moment with a time zone; it runs on from there."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone")
        self._ahead = moment.astimezone(UTC) - self.machine()

    def reset(self) -> None:
        """Remove the offset."""
        self._ahead = timedelta()


def stamp(moment: datetime) -> str:
    """A moment as Graph writes it: UTC with seven fractional digits."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"


def _now() -> datetime:
    return datetime.now(UTC)
