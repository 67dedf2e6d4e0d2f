"""The name of a run: when it began, and the tenant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import MAXYEAR, datetime, timedelta

STAMP = "%Y%m%dT%H%M%SZ"
"""The time in UTC at the beginning of a run's name."""


def name_after(earlier: Sequence[str], now: datetime, tenant: str) -> str:
    """A name for a run that begins now. It sorts after the names of all `earlier` runs.

    `rollback` takes the last run by name, so a clock that was set back, or two runs in one second,
    must not change the order.
    """
    tenant = file_name(tenant)
    last = next((name for name in reversed(earlier) if _moment(name)), "")
    name, before = f"{now:{STAMP}}-{tenant}", _moment(last)
    if before and name <= last:
        return f"{max(before, now) + timedelta(seconds=1):{STAMP}}-{tenant}"
    return name


def file_name(text: str) -> str:
    """A safe file name from a tenant's name, which may come from anybody's snapshot."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)


def _moment(name: str) -> datetime | None:
    """The time in a run's name, in UTC; None if it is not the name of a run."""
    try:
        found = datetime.strptime(name.partition("-")[0] + "+0000", f"{STAMP}%z")
    except ValueError:
        return None
    return found if found.year < MAXYEAR else None  # no later name would be possible
