"""Graph's moments as people read them: here, and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, in UTC."""

    starts: datetime
    ends: datetime


def span(starts: str, minutes: int) -> Span | None:
    """The life of something that starts at one of Graph's moments; None for what is none."""
    try:
        begun = datetime.fromisoformat(starts)
        begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
        return Span(begun.astimezone(UTC), (begun + timedelta(minutes=minutes)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def both(moment: datetime) -> str:
    """A moment here, with its distance from UTC, and in UTC, with the day where it is another."""
    here, utc = moment.astimezone(), moment.astimezone(UTC)
    offset = here.strftime("%z")
    there = f"{utc:%H:%M}" if here.date() == utc.date() else f"{utc:%Y-%m-%d %H:%M}"
    return f"{here:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}, {there} UTC"


def period(life: Span, *, dated: bool) -> str:
    """From when until when, here, as one says it; with the day where it is not one, or `dated`."""
    starts, ends = life.starts.astimezone(), life.ends.astimezone()
    if starts.date() != ends.date():
        return f"from {starts:%H:%M on %Y-%m-%d} to {ends:%H:%M on %Y-%m-%d}"
    return f"{f'on {starts:%Y-%m-%d} ' if dated else ''}from {starts:%H:%M} to {ends:%H:%M}"


def wire(moment: datetime) -> str:
    """A moment as Graph has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
