"""Graph's times as people read them: in local time and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Start and end, in UTC."""

    starts: datetime
    ends: datetime


def span(starts: str, minutes: int) -> Span | None:
    """Start and end in UTC, from Graph's start and minutes; None if `starts` is not a timestamp."""
    try:
        begun = datetime.fromisoformat(starts)
        begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
        return Span(begun.astimezone(UTC), (begun + timedelta(minutes=minutes)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def both(moment: datetime) -> str:
    """A time in local time with its UTC offset, and in UTC, with the date if that is another."""
    here, utc = moment.astimezone(), moment.astimezone(UTC)
    offset = here.strftime("%z")
    there = f"{utc:%H:%M}" if here.date() == utc.date() else f"{utc:%Y-%m-%d %H:%M}"
    return f"{here:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}, {there} UTC"


def period(life: Span, *, dated: bool) -> str:
    """Start and end in local time, as one says it; with dates if they differ, or if `dated`."""
    starts, ends = life.starts.astimezone(), life.ends.astimezone()
    if starts.date() != ends.date():
        return f"from {starts:%H:%M on %Y-%m-%d} to {ends:%H:%M on %Y-%m-%d}"
    return f"{f'on {starts:%Y-%m-%d} ' if dated else ''}from {starts:%H:%M} to {ends:%H:%M}"


def wire(moment: datetime) -> str:
    """A time as Graph writes it: 2026-12-01T08:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
