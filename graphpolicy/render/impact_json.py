"""The people that a plan, or a day, affects, as JSON: numbers, never names."""

from __future__ import annotations

from graphpolicy.model import Counted, DatedImpact, Json, Numbers, Unread
from graphpolicy.render.as_json import members
from graphpolicy.render.impact_phrases import NUMBERS


def impact_json(impact: Counted | Unread) -> Json:
    """The `impact` of a plan. Where people were not counted every number is null, never zero."""
    if isinstance(impact, Unread):
        return {
            **numbers_json(impact),
            "per_change": [],
            "as_of": None,
            "not_counted": {"message": impact.why, "help": impact.fix},
        }
    return {
        **numbers_json(impact),
        "per_change": [
            {
                **members(each, "resource path gain lose without_mfa reaches unregistered"),
                "at_least": sorted(each.at_least),
            }
            for each in impact.changes
        ],
        "groups": [
            members(each, "id name? people dynamic synchronised gone") for each in impact.groups
        ],
        "models": [{"model": model, "people": people} for model, people in impact.models],
        "unused": impact.unused,
        "unknown_methods": [
            {"method": method, "people": people} for method, people in impact.strange
        ],
        "as_of": impact.as_of or None,
    }


def dated_json(dated: DatedImpact) -> Json:
    """What happens by a day, with the numbers of the last recorded run."""
    counted = dated.counted
    lose = numbers_json(counted)["lose"] if counted else None
    return {
        "on": dated.on,
        "facts": [members(each, "resource about since source") for each in dated.facts],
        "policy_scope": dated.scope if isinstance(counted, Counted) else None,
        "registered": lose,
        "impact": impact_json(counted) if counted else None,
        "earlier": dated.earlier,
    }


def numbers_json(impact: Counted | Unread) -> dict[str, Json]:
    """The numbers of people alone: nothing that the tenant names."""
    if isinstance(impact, Unread):
        nothing = dict.fromkeys(NUMBERS.split())
        apart = dict.fromkeys(("admins_without_mfa", "admins_without_any", "emergency_without_any"))
        return {**nothing, **apart, "guests": nothing, "at_least": []}
    return {
        **_circle(impact, impact.everyone),
        "admins_without_mfa": impact.admins.without_mfa,
        "admins_without_any": impact.admins.without_any,
        "emergency_without_any": impact.emergency and impact.emergency.without_any,
        "guests": _circle(impact, impact.guests),
        "at_least": sorted(impact.at_least),
    }


def _circle(counted: Counted, circle: Numbers) -> dict[str, Json]:
    """The numbers of some people; null if somebody may count and nobody certainly does."""
    found = members(circle, NUMBERS)
    return {name: many or (None if name in counted.at_least else 0) for name, many in found.items()}
