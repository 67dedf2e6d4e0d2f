"""Guards on Temporary Access Passes."""

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
    """A pass for everybody that may be used again and again, or lives for long."""
    for both in situation.of((TAP,)):
        before, after = _open(both.before), _open(both.after)
        for path, what in after.items():
            if what != before.get(path) and not _shorter(both.before, both.after, path, before):
                yield both.finding(
                    "tap-too-open",
                    f"everyone could have a Temporary Access Pass that {what}",
                    "include a group of people who are being helped, or make passes short-lived "
                    "and one-time",
                    path,
                )


def _open(values: Mapping[str, Json]) -> dict[str, str]:
    """What makes a pass too open, by setting; nothing where it is not for everyone."""
    if not reach(values).everyone:
        return {}
    found = {}
    if values.get("isUsableOnce") is False:
        found["isUsableOnce"] = "may be used more than once"
    if (values.get(MAXIMUM) or 0) > LONG:
        found[MAXIMUM] = f"lives for up to {values[MAXIMUM]} minutes"
    return found


def _shorter(
    before: Mapping[str, Json], after: Mapping[str, Json], path: str, told: Mapping[str, str]
) -> bool:
    """Whether a lifetime that was too long becomes less so."""
    return path == MAXIMUM and path in told and after[MAXIMUM] <= before[MAXIMUM]
