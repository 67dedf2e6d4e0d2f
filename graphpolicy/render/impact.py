"""Whom a plan reaches, in numbers: the JSON of it, and what every other format says."""

from __future__ import annotations

from dataclasses import fields

from graphpolicy.model import Counted, Json, Numbers, Unread
from graphpolicy.render.as_json import members

NUMBERS = " ".join(each.name for each in fields(Numbers))


def impact_json(impact: Counted | Unread) -> Json:
    """The `impact` of a plan. Where people were not counted every number is null, never zero."""
    if isinstance(impact, Unread):
        nothing = dict.fromkeys(NUMBERS.split())
        return {
            **nothing,
            "admins_without_mfa": None,
            "emergency_without_any": None,
            "per_change": [],
            "guests": nothing,
            "as_of": None,
            "not_counted": {"message": impact.why, "help": impact.fix},
        }
    return {
        **members(impact.everyone, NUMBERS),
        "admins_without_mfa": impact.admins.without_mfa,
        "admins_without_any": impact.admins.without_any,
        "emergency_without_any": impact.emergency.without_any,
        "per_change": [
            members(each, "resource path gain lose without_mfa reaches unregistered")
            for each in impact.changes
        ],
        "guests": members(impact.guests, NUMBERS),
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
