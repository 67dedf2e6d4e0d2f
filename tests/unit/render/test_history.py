"""What `history` shows of recorded runs."""

from __future__ import annotations

import json

import pytest

from graphpolicy.model import Author, Event
from graphpolicy.render import Style, render
from graphpolicy.render.history import History, document
from graphpolicy.render.text_table import render_whole
from tests.unit.build import by
from tests.unit.render.hostile import HOSTILE
from tests.unit.runs import result, run, sending

WIDE = Style(width=200)
COMMIT = "0123456789ab"
ORIGIN = {"author": "ana", "commit": "0123456789abcdef", "pull_request": "42"}
DONE = run(
    sending(1),
    result(1),
    sending(2, "excludeTargets", "Voice"),
    result(2, "not written", "r-2"),
    {"event": "finished", "exit_code": 5},
    origin=ORIGIN,
)
CUT_OFF = run(sending(1), verb="rollback", at="2026-11-24T14:00:00Z")
WHEN, LATER = ("2026-11-24", "13:50"), ("2026-11-24", "14:00")
LOG = [
    (
        DONE.tenant,
        by(
            "ana@contoso.com",
            "2026-11-24T02:10:59.1234567Z",
            ("Voice", {"id": "Voice", "state": "enabled"}, {"id": "Voice", "state": "off"}),
        ),
    ),
    (
        DONE.tenant,
        by("app", "2026-11-24T13:50:01.5Z", *((name, 1, 2) for name in "abcde")),
    ),
]


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_runs_and_the_audit_log_are_on_one_timeline() -> None:
    assert lines(
        render(
            History(
                (
                    CUT_OFF,
                    DONE,
                ),
                LOG,
            ),
            "text",
            WIDE,
        )
    ) == [
        ["AT", "(UTC)", "TENANT", "WHAT", "BY", "RUN", "ENDED", "COMMIT", "PULL", "REQUEST"],
        ["2026-11-24", "02:10", "contoso", "audit", "log:", "Voice.state", "ana@contoso.com"],
        [
            *WHEN,
            "contoso",
            "apply",
            "1",
            "of",
            "2",
            "ana",
            DONE.name,
            "exit",
            "5",
            "0123456789ab",
            "42",
        ],
        [*WHEN, "contoso", "audit", "log:", "a,", "b,", "c", "and", "2", "more", "app"],
        [*LATER, "contoso", "rollback", "0", "of", "1", CUT_OFF.name, "interrupted"],
    ]


def test_a_record_that_names_nothing_is_shown_all_the_same() -> None:
    found = lines(render(History((), [(DONE.tenant, by("app", "soon"))]), "text", WIDE))[1]
    assert " ".join(found) == "soon contoso audit log: a change without details app"


def test_scripts_get_the_log_sorted_by_time() -> None:
    early, late = document(History((), LOG[::-1]), Style())["audit"]
    author = early.pop("author")
    assert (author["kind"], author["name"]) == ("user", "ana@contoso.com")
    assert early == {
        "at": "2026-11-24T02:10:59.1234567Z",
        "tenant": {"name": "contoso", "id": DONE.tenant.id, "cloud": "global"},
        "by": "ana@contoso.com",
        "changed": ["Voice.state"],
    }
    assert late["changed"] == list("abcde")


def test_what_the_log_has_of_a_run_stands_with_it_and_not_beside_it() -> None:
    at = "2026-11-24T13:59:59.5Z"
    ours = Event(Author("ourselves", "ana", DONE.name, at, "", "c-1", "r-1"))
    result = History((DONE,), [(DONE.tenant, ours), *LOG])
    found = document(result, Style())
    assert [each["author"]["correlation_id"] for each in found["runs"][0]["audit"]] == ["c-1"]
    assert [each["author"]["kind"] for each in found["audit"]] == ["user", "user"]
    rows = lines(render(result, "text", WIDE))
    assert len(rows) == 4
    assert " ".join(rows[2][3:11]) == "apply 1 of 2, 1 in the audit"


def test_one_run_is_shown_request_by_request() -> None:
    assert lines(render(History((DONE,), one=True), "text", WIDE))[2:] == [
        ["RESOURCE", "SETTINGS", "OUTCOME", "REQUEST-ID"],
        ["Sms", "state", "verified", "r-1"],
        ["Voice", "excludeTargets", "not", "written", "r-2"],
    ]
    assert lines(render(History((CUT_OFF,), one=True), "text", WIDE))[-1] == [
        "Sms",
        "state",
        "interrupted",
    ]


def test_scripts_get_everything() -> None:
    done, cut_off = document(History((DONE, CUT_OFF)), Style())["runs"]
    author = done.pop("author")
    assert (author["kind"], author["name"], author["id"]) == ("ourselves", "ana", DONE.name)
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
        "audit": [],
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
    for text in (
        render(History((found,), [(found.tenant, by(name, name, (name, 1, 2)))]), "text", WIDE),
        render(History((found,), one=True), "text", WIDE),
    ):
        assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("author", ["ana", "a-very-long-name-of-a-job@contoso.onmicrosoft.com"])
def test_eighty_columns_are_enough_without_breaking_words(author: str) -> None:
    made = run(sending(1), result(1), origin={"author": author, "commit": "0123456789abcdef"})
    for text in (
        render(History((made,), LOG), "text", Style(width=80)),
        render(History((made,), one=True), "text", Style(width=80)),
    ):
        assert max(map(len, text.splitlines())) <= 80
        for word in (made.name, author, "Voice.state" if "Voice" in text else "Sms"):
            assert word in text


def test_a_table_of_any_width_has_every_word() -> None:
    head = ("AT (UTC)", "TENANT", "WHAT", "RUN", "ENDED")
    rows = [
        ("2026-11-29 21:13", "contoso", "rollback 3 of 3", "20261129T211333Z-contoso", "exit 0"),
        (
            "2026-11-29 21:14",
            "fabrikam",
            "apply 11 of 12",
            "20261129T211333Z-fabrikam",
            "interrupted",
        ),
    ]
    cells = sorted(word for row in rows for cell in row for word in cell.split())
    titles = [word for name in head for word in name.split()]
    for width in range(40, 110):
        text = render_whole(head, rows, Style(width=width))
        assert max(map(len, text.splitlines())) <= width, width
        assert sorted(text.split()) in (cells, sorted([*cells, *titles])), width
