"""Who signs in: a person, or what the environment has."""

from __future__ import annotations

import pytest

from graphpolicy.cli import connect
from graphpolicy.cli.context import Context

MOCK = {"GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:1", "AZURE_AUTHORITY_HOST": "https://127.0.0.1"}
SECRET = {"AZURE_CLIENT_ID": "1", "AZURE_CLIENT_SECRET": "2"}


def test_a_person_signs_in_at_a_terminal_where_nothing_else_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[tuple[str, dict[str, str], bool, bool]] = [
        ("auto", {}, True, True),
        ("auto", MOCK, True, True),
        ("auto", SECRET, True, False),
        ("auto", {"GRAPHPOLICY_ACCESS_TOKEN": "opaque"}, True, False),
        ("auto", {}, False, False),
        ("device-code", {}, False, True),
        ("managed", {}, True, False),
    ]
    found = []
    for auth, environment, terminal, _wanted in rows:
        monkeypatch.setattr(connect, "at_terminal", lambda there=terminal: there)
        found.append(connect.a_person_signs_in(Context(auth=auth, environment=environment)))
    assert found == [wanted for *_, wanted in rows]
