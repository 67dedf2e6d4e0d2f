"""The picture of the prompt shows what the plan switches on, no more, and harms nobody."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphpolicy.announce import Picture
from graphpolicy.announce.texts import default_files, default_texts, read
from graphpolicy.announce.visible_settings import PROMPT
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from graphpolicy.render.announce import Announcements
from graphpolicy.render.prompt_svg import svg
from tests.unit.build import planned
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import weak_plan
from tests.unit.render.test_announce import LIVE, NAMES, WANTED, draft

README_PICTURE = Path(__file__).parents[3] / ".github" / "pictures" / "prompt.svg"
SVG = "{http://www.w3.org/2000/svg}"
WORDS = {
    "number": "Enter the number that your",
    "application": "Example Mail",
    "map": "Example Town",
}
SETS = [frozenset(parts) for size in range(4) for parts in combinations(PROMPT, size)]
CASES = [(before, after) for before in SETS for after in SETS if before != after]


def phones(text: str) -> list[list[str]]:
    """The words in each of the two phones."""
    groups = ElementTree.fromstring(text).findall(f"{SVG}g")
    return [[word.text or "" for word in group.iter(f"{SVG}text")] for group in groups]


@pytest.mark.parametrize(
    ("before", "after"),
    CASES,
    ids=["+".join(sorted(a)) + "->" + "+".join(sorted(b)) for a, b in CASES],
)
def test_each_phone_shows_exactly_what_is_on(before: frozenset[str], after: frozenset[str]) -> None:
    text = svg(Picture(before, after), default_texts())
    told = phones(text)
    for words, parts in zip(told, (before, after), strict=True):
        assert {part for part, word in WORDS.items() if word in words} == parts
    assert told[0].count("new") == 0
    assert told[1].count("new") == len(after - before)
    description = re.search(r"<desc.*?>(.*?)</desc>", text)
    assert description is not None
    was, now = description[1].split(" After: ")
    for half, parts in ((was, before), (now, after)):
        assert ("on a map" in half) == ("map" in parts)
        assert ("names the application" in half) == ("application" in parts)
        assert ("asks for the number" in half) == ("number" in parts)


def test_it_needs_nothing_from_elsewhere() -> None:
    text = render(draft(NAMES), "svg", Style())
    assert not re.search(r"<script|href|url\(|@import|<image|<foreignObject|\bon\w+=", text)
    assert re.findall(r"https?://\S+", text) == ['http://www.w3.org/2000/svg"']


def test_two_audiences_stand_below_each_other_with_a_caption() -> None:
    text = render(draft(NAMES), "svg", Style())
    root = ElementTree.fromstring(text)
    captions = [word.text for word in root.findall(f"{SVG}g/{SVG}text")]
    assert captions == ["For everyone", "For SG-MFA-Pilot-P"]
    assert [group.get("role") for group in root.findall(f"{SVG}g")] == ["img", "img"]
    assert all(group.get("aria-label") for group in root.findall(f"{SVG}g"))


def test_several_tenants_are_named() -> None:
    one = draft(NAMES).announcements[0]
    text = render(Announcements((one, one), default_texts()), "svg", Style())
    assert text.count("contoso: For everyone") == 2


@pytest.mark.parametrize("name", [*HOSTILE.values(), "a\ufffeb\uffff"])
def test_a_hostile_name_is_text_in_it(name: str) -> None:
    text = render(draft(dict.fromkeys(NAMES, name), name), "svg", Style())
    elements = {each.tag for each in ElementTree.fromstring(text).iter()}
    assert elements <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "style", "g", "text", "rect", "path")
    }


def test_a_long_translation_is_wrapped_and_cut() -> None:
    files = default_files()
    files["picture.txt"] = re.sub(
        r"\n(?=\n\[|\Z)", f" {'Verlängerungsmaßnahme ' * 9}<b>\n", files["picture.txt"]
    )
    texts, mistakes = read(files)
    assert mistakes == []
    for words in phones(svg(Picture(frozenset(), frozenset(PROMPT)), texts)):
        assert max(map(len, words)) <= 40


def test_without_a_change_of_the_prompt_there_is_no_picture() -> None:
    quiet = Announcements((), default_texts())
    assert render(quiet, "svg", Style()) == ""


def test_the_page_of_a_plan_has_the_same_picture() -> None:
    plan = planned(LIVE, WANTED).plan
    page = render(Report("plan", (plan,)), "html", Style())
    assert page.count("<figure>") == 2
    everyone = Picture(frozenset(), frozenset({"number", "application"}))
    assert svg(everyone, default_texts(), f"{plan.tenant.id}-1") in page
    ids = re.findall(r'\bid="(.*?)"', page)
    assert len(ids) == len(set(ids)) == 4
    assert "<figure>" not in render(Report("plan", (weak_plan(),)), "html", Style())


def test_the_picture_in_the_readme_is_what_is_drawn_today() -> None:
    usual = Picture(frozenset({"number"}), frozenset(PROMPT))
    assert README_PICTURE.read_text("utf-8") == svg(usual, default_texts(), alone=True)
