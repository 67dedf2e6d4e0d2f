"""What `history` shows of recorded runs."""

from __future__ import annotations

import json

import pytest

from graphpolicy.render import Style
from graphpolicy.render.history import as_json, overview, requests
from tests.unit.core.runs import result, run, sending
from tests.unit.render.hostile import HOSTILE

WIDE = Style(width=200)
ORIGIN = {"author": "ana", "commit": "0123456789abcdef"}
DONE = run(
    sending(1),
    result(1),
    sending(2, "excludeTargets", "Voice"),
    result(2, "not written", "r-2"),
    {"event": "finished", "exit_code": 5},
    origin=ORIGIN,
)
CUT_OFF = run(sending(1), verb="rollback")


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_every_run_has_its_line() -> None:
    assert lines(overview([DONE, CUT_OFF], WIDE)) == [
        ["RUN", "VERB", "TENANT", "REQUESTS", "ENDED", "BY", "COMMIT"],
        [DONE.name, "apply", "contoso", "1", "of", "2", "exit", "5", "ana", "0123456789ab"],
        [CUT_OFF.name, "rollback", "contoso", "0", "of", "1", "cut", "off"],
    ]


def test_one_run_is_shown_request_by_request() -> None:
    assert lines(requests(DONE, WIDE))[2:] == [
        ["RESOURCE", "SETTINGS", "BECAME", "REQUEST-ID"],
        ["Sms", "state", "verified", "r-1"],
        ["Voice", "excludeTargets", "not", "written", "r-2"],
    ]
    assert lines(requests(CUT_OFF, WIDE))[-1] == ["Sms", "state", "cut", "off"]


def test_scripts_get_everything() -> None:
    done, cut_off = as_json([DONE, CUT_OFF])["runs"]
    assert json.loads(json.dumps(done)) == {
        "run": DONE.name,
        "folder": "runs/one",
        "verb": "apply",
        "at": "2026-11-24T13:50:01Z",
        "tenant": {"name": "contoso", "id": DONE.tenant.id, "cloud": "global"},
        "digest": f"sha256:{'0' * 64}",
        "origin": ORIGIN,
        "consent": {},
        "exit_code": 5,
        "requests": [
            {"resource": "Sms", "paths": ["state"], "fate": "verified", "request_id": "r-1"},
            {
                "resource": "Voice",
                "paths": ["excludeTargets"],
                "fate": "not written",
                "request_id": "r-2",
            },
        ],
    }
    assert cut_off["exit_code"] is None
    assert cut_off["requests"] == [
        {"resource": "Sms", "paths": ["state"], "fate": None, "request_id": None}
    ]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_in_a_journal_reaches_the_terminal(name: str) -> None:
    found = run(sending(1, title=name), origin={"author": name, "commit": name}, run=name)
    for text in (overview([found], WIDE), requests(found, WIDE)):
        assert all(char.isprintable() or char == "\n" for char in text)
