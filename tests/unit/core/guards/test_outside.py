"""What was changed outside of the files, and what a plan may do to it."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.guards.outside import reverting
from graphpolicy.model import Cause, Change, Event, Place

BY = Event("2026-11-24T02:10:33.1234567Z", "night@contoso.com")
EDIT: dict[str, Any] = {"resource": "TemporaryAccessPass", "path": "defaultLength", "cause": "edit"}


def change(cause: Cause = "drift", **other: Any) -> Change:
    row: dict[str, Any] = {
        "resource": "Voice",
        "path": "state",
        "before": "disabled",
        "after": "enabled",
        "before_label": "disabled",
        "after_label": "enabled",
        "api": "v1.0",
        "source": Place("contoso.yaml", 7, 5),
        "cause": cause,
        "title": other.get("resource", "Voice"),
    }
    return Change(**{**row, **other})


def test_drift_is_not_undone_along_with_an_edit_and_who_did_it_is_named() -> None:
    [found] = reverting([change(**EDIT), change(event=BY)])
    assert (found.level, found.resource, found.path) == ("error", "Voice", "state")
    assert found.message == (
        "Voice.state was changed in the tenant, from enabled to disabled, by night@contoso.com on "
        "2026-11-24 02:10 UTC, and this plan would undo that along with the edit"
    )
    assert found.source == Place("contoso.yaml", 7, 5)
    assert "hold" in found.help


def test_what_both_have_changed_is_said_of_both() -> None:
    [found] = reverting([change("both", before_label="Night shift", after_label="Factory floor")])
    assert found.message == (
        "Voice.state was changed in the tenant, to Night shift, and in the files, to Factory floor:"
        " this plan would overwrite the former"
    )


@pytest.mark.parametrize("causes", [["drift", "drift"], ["edit"], ["unknown"], []])
def test_a_plan_of_one_kind_is_left_alone(causes: list[Cause]) -> None:
    assert not list(reverting([change(cause) for cause in causes]))
