"""The guard on Temporary Access Passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.guards.plan_view import PlanView
from graphpolicy.guards.reach import reach
from graphpolicy.model import Finding, Json

TAP = "TemporaryAccessPass"
MAXIMUM = "maximumLifetimeInMinutes"
LONG = 480
"""Microsoft's default maximum in minutes (Entra howto-authentication-temporary-access-pass)."""


def tap_too_open(situation: PlanView) -> Iterator[Finding]:
    """Everyone may have a pass that can be used repeatedly, or that lasts long."""
    for both in situation.of((TAP,)):
        before, after = _open(both.before), _open(both.after)
        for path, what in after.items():
            if what != before.get(path) and not _shorter(both.before, both.after, path, before):
                yield both.finding(
                    "tap-too-open",
                    f"everyone could have a Temporary Access Pass that {what}",
                    "include only a group of people who need help, or make passes short-lived "
                    "and one-time",
                    path,
                )


def _open(values: Mapping[str, Json]) -> dict[str, str]:
    """What makes a pass too open, by setting; empty if passes are not for everyone."""
    if not reach(values).everyone:
        return {}
    found = {}
    if values.get("isUsableOnce") is False:
        found["isUsableOnce"] = "can be used more than once"
    if (values.get(MAXIMUM) or 0) > LONG:
        found[MAXIMUM] = f"lasts up to {values[MAXIMUM]} minutes"
    return found


def _shorter(
    before: Mapping[str, Json], after: Mapping[str, Json], path: str, told: Mapping[str, str]
) -> bool:
    """Whether a lifetime that was too long does not get longer."""
    return path == MAXIMUM and path in told and after[MAXIMUM] <= before[MAXIMUM]
