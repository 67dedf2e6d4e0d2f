"""Reports of resets: harmless in every format, within 80 columns, and complete."""

from __future__ import annotations

import csv
import io
import json

import pytest

from graphpolicy.helpdesk.person import Person
from graphpolicy.helpdesk.registered_methods import Preference, RegisteredMethod, united
from graphpolicy.helpdesk.reset import (
    MethodFate,
    PlannedReset,
    Reset,
    ResetMany,
    ResetOne,
    ResetOptions,
    Resets,
)
from graphpolicy.model import Tenant
from graphpolicy.render import Style, formats, render
from graphpolicy.render.mfa_reset import question, question_many

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
NASTY = "=1+1|`@everyone` \x1b[31m\u202e<b>"
EVE = Person("1", f"{NASTY}@contoso.com", NASTY)
STYLE = Style()


def methods() -> tuple[RegisteredMethod, ...]:
    def row(name: str, **more: str) -> dict[str, str]:
        return {"@odata.type": f"#microsoft.graph.{name}AuthenticationMethod", "id": name, **more}

    return united(
        [
            row("fido2", displayName=NASTY),
            row("temporaryAccessPass", methodUsabilityReason="EnabledByPolicy"),
            row(f"x{NASTY}"),
        ],
        (),
    )


def found() -> Resets:
    key, access, unknown = methods()
    partly = Reset(
        EVE,
        "partly",
        (
            MethodFate(key, "gone"),
            MethodFate(access, "unknown"),
            MethodFate(unknown, "left", NASTY),
        ),
        sessions="ended",
        preferred="push",
        error=NASTY,
        exit_code=5,
    )
    kept = Reset(Person("2", "mia@contoso.com", "Mia"), "reset", kept=(access,), sessions="kept")
    return Resets((partly, kept), exit_code=5, error=NASTY)


@pytest.mark.parametrize("format_", formats("ResetMany"))
def test_names_obey_nobody(format_: str) -> None:
    text = render(ResetMany(CONTOSO, found()), format_, STYLE)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.endswith("\n")


def test_one_account_says_of_each_method_what_became_of_it() -> None:
    partly, kept = found().results
    text = render(ResetOne(CONTOSO, partly), "text", STYLE)
    for words in ("partly reset", "deleted   passkey", "unknown   Temporary", "left      unknown"):
        assert words in text
    assert "default   was changed to push" in text
    assert "kept      Temporary Access Pass, usable" in render(
        ResetOne(CONTOSO, kept), "text", STYLE
    )
    assert "\x1b" not in text + render(ResetOne(CONTOSO, partly), "json", STYLE)
    document = json.loads(render(ResetOne(CONTOSO, partly), "json", STYLE))
    assert [each["state"] for each in document["methods"]] == ["gone", "unknown", "left"]


def test_a_table_on_github_keeps_its_columns() -> None:
    rows = [
        line
        for line in render(ResetMany(CONTOSO, found()), "markdown", STYLE).splitlines()
        if line.startswith("| ")
    ]
    assert {line.replace("\\|", "").count("|") for line in rows} == {7}


def test_a_spreadsheet_calculates_nothing() -> None:
    rows = list(csv.reader(io.StringIO(render(ResetMany(CONTOSO, found()), "csv", STYLE))))
    assert [len(row) for row in rows] == [8, 8, 8]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_questions_say_what_goes_and_fit_80_columns() -> None:
    guest = Person("3", "lena_fabrikam.com#EXT#@contoso.com", "Lena " * 30)
    planned = PlannedReset(guest, methods(), Preference(), ResetOptions())
    kept = PlannedReset(EVE, methods(), Preference(), ResetOptions(passes=False, sessions=False))
    text = question(CONTOSO, planned, STYLE)
    assert all(len(line) <= 80 for line in text.splitlines())
    for words in ("a guest signs in to the home tenant", "--keep-passes keeps the pass", "all end"):
        assert words in text
    assert "sessions  stay" in question(CONTOSO, kept, STYLE)
    many = question_many(CONTOSO, [planned, kept], 3, "Monday", STYLE)
    for words in (
        "2 people",
        "3 more were already reset",
        "2 passkey",
        "1 Temporary Access Pass",
        "all end",
    ):
        assert words in many
