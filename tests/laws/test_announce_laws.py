"""An announcement says everything that the plan does to people, and nothing else."""

from __future__ import annotations

import json
import string

from hypothesis import given, strategies as st

from graphpolicy.announce import Announcement, announce
from graphpolicy.announce.proposal import of_json, of_plan
from graphpolicy.announce.texts import default_texts
from graphpolicy.announce.visible_settings import SEEN
from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import Plan
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, formats, render
from graphpolicy.render.announce import Announcements
from tests.laws.generated import EXTERNAL_ID, EXTERNAL_NAME, some
from tests.laws.situations import Held, plan, situations, whole_situations

MAY = {"yes", "everyone"}
anything = st.one_of(situations(), whole_situations())


def made_of(plan_: Plan) -> Announcement:
    return announce(of_plan(plan_), default_texts(), Facts.shipped())


def key(change: object) -> tuple[str, str]:
    return change.resource, change.path  # type: ignore[attr-defined]


@some
@given(anything)
def test_every_sentence_has_its_cause_and_every_change_its_place(case: tuple[Held, Held]) -> None:
    planned = plan(*case).plan
    made = made_of(planned)
    said = {key(cause) for section in made.sections for one in section.said for cause in one.causes}
    unseen = {key(change) for change in made.unseen}
    assert said | unseen == {key(change) for change in planned.changes}
    assert not said & unseen
    for section in made.sections:
        assert section.people.include
        for one in section.said:
            assert one.causes
            for cause in one.causes:
                kind = "External" if cause.resource == EXTERNAL_ID else cause.resource
                own, about = f"{kind}.{cause.path}", one.name
                depth = min(own.count("."), about.count("."))
                assert own.split(".")[: depth + 1] == about.split(".")[: depth + 1] or (
                    about == kind or own.startswith(about)
                )


@some
@given(anything)
def test_who_gains_or_loses_a_method_is_told(case: tuple[Held, Held]) -> None:
    planned = plan(*case).plan
    said = {(one.name, one.value) for s in made_of(planned).sections for one in s.said}
    for row in planned.matrix.rows:
        kind = "External" if row.title not in RESOURCES else row.title
        gained = any(after in MAY and before not in MAY for before, after in row.cells)
        lost = any(before in MAY and after not in MAY for before, after in row.cells)
        assert ((kind, "on") in said) == gained
        assert ((kind, "off") in said) == lost


@some
@given(anything)
def test_what_the_plan_does_not_touch_is_not_in_the_texts(case: tuple[Held, Held]) -> None:
    planned = plan(*case).plan
    made = made_of(planned)
    said = {one.name for section in made.sections for one in section.said}
    text = " ".join(render(Announcements((made,), default_texts()), "text", Style()).split())
    own = {t for s in made.sections for one in s.said for t in one.texts.values()}
    for row in SEEN:
        if row.name in said:
            continue
        for entry in default_texts().names("methods.txt") + default_texts().names("settings.txt"):
            if entry.partition(":")[0].partition(",")[0] == row.name:
                sentence = filled(entry)
                assert sentence in own or sentence not in text, entry


def filled(entry: str) -> str:
    values = {"method": EXTERNAL_NAME, "before": "\0", "after": "\0"}
    return default_texts().fill(entry, **values)


@some
@given(anything)
def test_a_saved_plan_says_the_same_in_every_format(case: tuple[Held, Held]) -> None:
    planned = plan(*case).plan
    saved = json.loads(render(Report("plan", (planned,)), "json", Style()))["plans"][0]
    for format_ in formats("Announcements"):
        texts = [
            render(
                Announcements(
                    (announce(proposal, default_texts(), Facts.shipped()),), default_texts()
                ),
                format_,
                Style(),
            )
            for proposal in (of_plan(planned), of_json(saved))
        ]
        assert texts[0] == texts[1]
        assert "$" not in set(texts[0]) or "$" in json.dumps(saved)


@some
@given(anything)
def test_a_plan_without_changes_says_that_nothing_changes(case: tuple[Held, Held]) -> None:
    held, _ = case
    planned = plan(held, {}).plan
    made = made_of(planned)
    text = render(Announcements((made,), default_texts()), "text", Style())
    assert (made.sections, made.unseen) == ((), ())
    assert "This plan changes nothing that people can see." in text
    assert set(text) <= set(string.printable)
