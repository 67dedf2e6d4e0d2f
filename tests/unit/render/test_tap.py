"""What a helpdesk person reads of passes, on a terminal of 80 columns."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from graphpolicy.helpdesk.access_pass import Pass, Terms
from graphpolicy.helpdesk.outcomes import Issuance, PassIssued
from graphpolicy.helpdesk.person import Person
from graphpolicy.model import Tenant
from graphpolicy.render import Style, render
from graphpolicy.render.tap import question, revoke_question
from tests.unit.build import A, B

CONTOSO = Tenant("contoso", B)
MIA = Person(A, "mia@contoso.com", "Mia")


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        yield
        return
    monkeypatch.setitem(os.environ, "TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("reason", ["EnabledByPolicy", "NotYetValid", "DisabledByPolicy"])
def test_a_pass_that_ends_tomorrow_here_and_today_in_utc_fits(reason: str) -> None:
    one = Pass("1", "2026-11-24T22:03:00Z", "2026-11-24T22:03:00Z", 60, once=True, reason=reason)
    asked = question(CONTOSO, MIA, Terms(60, once=True, starts=None), [one], style=Style())
    text = asked + revoke_question(MIA, [one], Style())
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert text.count(" UTC") == 2


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("starts", "minutes", "says"),
    [
        (None, 60, "once, from 09:00 to 10:00."),
        ("2026-12-01T08:00:00Z", 60, "once, on 2026-12-01 from 09:00 to 10:00."),
        ("2026-12-01T08:00:00Z", 1440, "from 09:00 on 2026-12-01 to 09:00 on 2026-12-02."),
    ],
)
def test_the_sentence_has_the_day_of_a_pass_for_later(
    starts: str | None, minutes: int, says: str
) -> None:
    one = Pass("1", "2026-11-24T22:03:00Z", "2026-12-01T08:00:00Z", minutes, once=True)
    made = Issuance(MIA, "issued", Terms(minutes, once=True, starts=starts), made=one)
    text = render(PassIssued(CONTOSO, made), "text", Style(False, 80))
    read_out = " ".join(text.partition("Read out:")[2].split())
    assert says in read_out


@pytest.mark.parametrize("file", ["", "pass.txt"])
def test_a_hostile_name_stands_on_one_line_and_does_not_hide_whom_it_is_for(file: str) -> None:
    person = Person(A, "mia@contoso.com", "\x1b[2JMia\n  pass      12345678\u202e" + "x" * 65536)
    one = Pass("1", "2026-11-24T22:03:00Z", "2026-11-24T22:03:00Z", 60, once=True)
    asked = Terms(60, once=True, starts=None)
    made = Issuance(person, "issued", asked, made=one)
    text = render(PassIssued(CONTOSO, made, file=file), "text", Style(False, 80))
    assert text.replace("\n", "").isprintable()
    head = text.splitlines()[0]
    assert head.startswith("Temporary Access Pass for \\x1b[2JMia\\n")
    assert head.endswith("… (mia@contoso.com)")
