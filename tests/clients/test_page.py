"""The page of a plan in headless Chromium, as a person sees it, without script."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.model import Access, Matrix
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from tests.clients.browser import Browser
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import report, weak_plan

STYLE = Style(folder="/work/repository", repository="/work/repository")
CONTRAST = """
(() => { const parts = c => c.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => {
    v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const light = c => { const [r, g, b] = parts(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const under = e => { while (e) { const c = getComputedStyle(e).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c; e = e.parentElement; } };
  return Math.min(...[...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => { const a = light(getComputedStyle(e).color), b = light(under(e));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })); })()
"""
"""The least contrast of any text with what is under it (WCAG 2)."""


def page(browser: Browser, folder: Path, shown: Report) -> str:
    """Open a report; the text that can be read without a click."""
    file = folder / "plan.html"
    file.write_text(render(shown, "html", STYLE), encoding="utf-8")
    browser.open(file)
    assert browser.asked == [file.as_uri()]
    return str(browser.value("document.body.innerText"))


def test_a_person_sees_verdict_findings_changes_and_who_may_use_what(
    browser: Browser, tmp_path: Path
) -> None:
    text = page(browser, tmp_path, Report("plan", (weak_plan(),)))
    order = (
        "graphpolicy plan for contoso: 2 to change, 0 errors, 1 warning",
        "2 settings would change; read the warnings first.",
        "inclusion-widens",
        "Who may use what",
        "not allowed\nbefore: allowed",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_a_change_leads_to_its_line(browser: Browser, tmp_path: Path) -> None:
    page(browser, tmp_path, Report("plan", (weak_plan(),)))
    addresses = browser.value("[...document.links].map(each => each.getAttribute('href'))")
    assert "policies/contoso.yaml#L14" in addresses


def test_raw_documents_open_with_a_click(browser: Browser, tmp_path: Path) -> None:
    text = page(browser, tmp_path, Report("plan", (weak_plan(),)))
    assert '"isUsableOnce": true' not in text
    browser.click("summary")
    assert '"isUsableOnce": true' in browser.value("document.body.innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    browser.media(scheme=scheme)
    page(browser, tmp_path, Report("plan", (weak_plan(),)))
    ground = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert browser.value(CONTRAST) >= 4.5
    browser.media()


def test_on_paper_raw_documents_are_left_out(browser: Browser, tmp_path: Path) -> None:
    page(browser, tmp_path, Report("plan", (weak_plan(),)))
    browser.media("print")
    assert browser.value("getComputedStyle(document.querySelector('details')).display") == "none"
    browser.media()


# A part that is too wide is too wide in both schemes; one that is too pale, at every width.
SIGHTS = [
    (360, "dark"),
    (1200, "light"),
    *(pytest.param(*other, marks=pytest.mark.deep) for other in ((360, "light"), (1200, "dark"))),
]


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_makes_the_page_wider_than_the_window(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    browser.size(width, 900)
    groups = tuple(f"Group {n} of a long name" for n in range(60))
    wide = Matrix(groups, (Access("Sms", "SMS", (("yes", "yes"),) * 60),))
    page(browser, tmp_path, Report("plan", (weak_plan(matrix=wide),)))
    assert browser.value("document.documentElement.scrollWidth") <= width
    browser.size(1200, 900)


NAMES = [
    [name for name in HOSTILE.values() if len(name) < 100],
    # One that is only long: `tests/unit/render/test_formats.py`.
    pytest.param([HOSTILE["64 KB"]], marks=pytest.mark.deep),
]


@pytest.mark.parametrize("names", NAMES, ids=["hostile", "long"])
def test_a_hostile_name_is_text(browser: Browser, tmp_path: Path, names: list[str]) -> None:
    page(browser, tmp_path, report("x"))
    harmless, wrong = browser.tags(), []
    for name in names:
        page(browser, tmp_path, report(name))
        wrong += [name] * (browser.tags() != harmless)
    assert not wrong
