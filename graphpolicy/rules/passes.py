"""Rules about Temporary Access Passes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from graphpolicy.model import Finding
from graphpolicy.rules.subject import Subject

LIFETIMES = ("minimumLifetimeInMinutes", "defaultLifetimeInMinutes", "maximumLifetimeInMinutes")


def about_passes(subject: Subject) -> Iterator[Finding]:
    """Minimum, default and maximum lifetime in order; absent ones are ignored."""
    values = subject.values
    known = [(name, values[name]) for name in LIFETIMES if isinstance(values.get(name), int)]
    for (low_name, low), (high_name, high) in pairwise(known):
        if low > high:
            yield subject.finding(
                "tap-lifetime-order",
                f"TemporaryAccessPass has {low_name} {low} above {high_name} {high}",
                "keep minimum <= default <= maximum",
                high_name,
            )
