"""Times on the command line: `--cache-for DURATION`, `--since DAY`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import click

LONGEST = 7 * 24 * 3600
"""Seconds. After a week the registration report is too old to count people with."""

_UNITS = {"m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"(?P<count>\d{1,5})(?P<unit>[mhd])|0", re.ASCII)


def seconds(_context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """A time such as 15m, 2h or 1d in seconds; 0 is none."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        why = f"{text!r} is not a duration; write it as 15m, 2h or 1d."
        raise click.BadParameter(why, param=option)
    total = int(found["count"] or 0) * _UNITS[found["unit"] or "m"]
    if total > LONGEST:
        raise click.BadParameter(f"{text!r} is longer than 7d.", param=option)
    return total


def day(_context: click.Context, option: click.Parameter, text: str | None) -> str:
    """Today or an earlier day, such as 2026-11-24, at its beginning in UTC; '' without one."""
    if text is None:
        return ""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        why = f"{text!r} is not a date; write it as 2026-11-24."
        raise click.BadParameter(why, param=option) from None
    today = datetime.now(UTC).date()
    if found > today:
        why = f"{text!r} is in the future; write today ({today}, UTC) or an earlier day."
        raise click.BadParameter(why, param=option)
    return f"{found}T00:00:00"


cache_for = click.option(
    "--cache-for",
    metavar="DURATION",
    callback=seconds,
    help="Keep lists about people on disk for 15m, 2h or 1d, so that later commands reuse them; "
    "0 deletes the kept lists.",
)
"""The flag of verbs that count people."""
