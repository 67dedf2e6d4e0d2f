"""The helpdesk's journal in one line for each thing that was done."""

from __future__ import annotations

from typing import Any

from graphpolicy.helpdesk.actions import deeds


def line(at: int, event: str, action: str, user: str = "mia@contoso.com", **more: Any) -> Any:
    about = {"user": {"userPrincipalName": user}} if user else {}
    actor = {"name": "hugo@contoso.com"}
    return {"at": str(at), "event": event, "action": action, "tenant": "t", "actor": actor} | (
        about | more
    )


def test_each_action_has_its_end_and_a_cut_off_one_is_said_so() -> None:
    found = deeds(
        [
            line(1, "sending", "tap issue"),
            line(2, "sending", "tap issue"),
            line(3, "issued", "tap issue", reason="INC1"),
            line(4, "job_begun", "mfa reset", user=""),
            line(5, "begun", "mfa reset"),
            line(6, "deleted", "mfa reset"),
            line(7, "begun", "mfa reset"),
            line(8, "finished", "mfa reset"),
            line(9, "begun", "mfa reset", user="kofi@contoso.com"),
            {"event": "refused", "user": "?"},
        ]
    )
    assert [(each.at, each.what, each.ended) for each in found] == [
        ("3", "tap issue mia@contoso.com (INC1)", "issued"),
        ("5", "mfa reset mia@contoso.com", "interrupted"),
        ("8", "mfa reset mia@contoso.com", "finished"),
        ("9", "mfa reset kofi@contoso.com", "interrupted"),
        ("None", "None somebody", "refused"),
    ]
    assert {each.by for each in found[:4]} == {"hugo@contoso.com"}
