"""The mail and the picture of an announcement in headless Chromium, as a person sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from tests.clients.browser import Browser
from tests.clients.test_page import CONTRAST, NAMES as HOSTILE, SIGHTS
from tests.unit.build import planned
from tests.unit.render.test_announce import LIVE, NAMES, WANTED, draft

DRAWN_CONTRAST = """
(() => { const parts = c => c.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => {
    v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const light = c => { const [r, g, b] = parts(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const filled = e => getComputedStyle(e).fill;
  const under = t => { const r = t.getBoundingClientRect(); let c = null;
    for (const e of t.ownerSVGElement.querySelectorAll('rect')) {
      if (t.compareDocumentPosition(e) & 4) continue;
      const b = e.getBoundingClientRect();
      if (filled(e) !== 'none' && b.left <= r.left && b.right >= r.right && b.top <= r.top + 2
          && b.bottom >= r.bottom - 2) c = filled(e); }
    return c || getComputedStyle(document.body).backgroundColor; };
  return Math.min(...[...document.querySelectorAll('svg text')].map(t => {
    const a = light(filled(t)), b = light(under(t));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })); })()
"""
"""The least contrast of any word in a drawing with the last shape below it (WCAG 2)."""

OUTSIDE = """
[...document.querySelectorAll('svg text')].filter(t => { const r = t.getBoundingClientRect();
  const all = t.ownerSVGElement.getBoundingClientRect();
  return r.left < all.left || r.right > all.right || r.bottom > all.bottom + 1; }).length
"""


def mail(browser: Browser, folder: Path, name: str = "") -> str:
    """Open the mail; the text in it, where every name is `name` if there is one."""
    names = dict.fromkeys(NAMES, name) if name else NAMES
    return opened(browser, folder, render(draft(names, name or "contoso"), "html", Style()))


def report(browser: Browser, folder: Path) -> str:
    return opened(
        browser, folder, render(Report("plan", (planned(LIVE, WANTED).plan,)), "html", Style())
    )


def opened(browser: Browser, folder: Path, text: str) -> str:
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    browser.open(file)
    assert browser.asked == [file.as_uri()]
    return str(browser.value("document.body.innerText"))


def test_a_person_reads_what_changes_and_sees_the_prompt(browser: Browser, tmp_path: Path) -> None:
    text = mail(browser, tmp_path)
    order = (
        "What changes when you sign in",
        "From 2026-12-01",
        "For everyone",
        "What you will see",
        "What not to approve",
        "The prompt, before and after",
        "Before\n",
        "Yes",
        "After\n",
        "Enter the number",
        "Example Mail",
        "For SG-MFA-Pilot-P",
        "Example Town",
        "Note for the helpdesk",
    )
    place = 0
    for words in order:
        place = text.index(words, place)


@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_the_mail_can_be_read_everywhere(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    browser.media(scheme=scheme)
    browser.size(width, 900)
    mail(browser, tmp_path)
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value(CONTRAST.replace("main *", "body *")) >= 4.5
    browser.size(1200, 900)
    browser.media()


def test_the_mail_is_of_tables_and_inline_styles_alone(browser: Browser, tmp_path: Path) -> None:
    mail(browser, tmp_path)
    tags = set(browser.value("[...document.body.querySelectorAll('*')].map(e => e.tagName)"))
    plain = {"TABLE", "TBODY", "TR", "TD", "P", "H1", "H2", "H3", "SPAN", "BR", "A"}
    assert tags <= plain
    links = browser.value("[...document.querySelectorAll('a')].map(e => e.getAttribute('href'))")
    assert set(links) == {"https://aka.ms/mysecurityinfo"}
    assert (
        browser.value("document.querySelectorAll('style, link, script, [class], [src]').length")
        == 0
    )


@pytest.mark.parametrize("names", HOSTILE, ids=["hostile", "long"])
def test_a_hostile_name_is_text_in_the_mail(
    browser: Browser, tmp_path: Path, names: list[str]
) -> None:
    mail(browser, tmp_path, "x")
    harmless, wrong = browser.tags(), []
    for name in names:
        mail(browser, tmp_path, name)
        wrong += [name] * (browser.tags() != harmless)
    assert not wrong


@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_the_picture_in_the_report(
    browser: Browser, tmp_path: Path, scheme: str, width: int
) -> None:
    browser.media(scheme=scheme)
    browser.size(width, 900)
    report(browser, tmp_path)
    assert browser.value("document.querySelectorAll('figure svg').length") == 2
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value(DRAWN_CONTRAST) >= 4.5
    assert browser.value(OUTSIDE) == 0
    glass = browser.value("getComputedStyle(document.querySelector('svg .case')).fill")
    assert (glass == "rgb(255, 255, 255)") == (scheme == "light")
    browser.size(1200, 900)
    browser.media()


def test_a_screen_reader_has_the_picture_in_words(browser: Browser, tmp_path: Path) -> None:
    report(browser, tmp_path)
    told = browser.value(
        "document.querySelector('figure svg').getAttribute('aria-labelledby').split(' ')"
        ".map(id => document.getElementById(id).textContent)"
    )
    assert told[0] == "The sign-in prompt before and after the change"
    assert told[1].startswith("Before: the prompt is approved with a tap. After: ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_alone_is_a_picture(browser: Browser, tmp_path: Path, scheme: str) -> None:
    browser.media(scheme=scheme)
    file = tmp_path / "prompt.svg"
    file.write_text(render(draft(NAMES), "svg", Style()), encoding="utf-8")
    browser.open(file)
    assert browser.asked == [file.as_uri()]
    assert browser.value("document.documentElement.tagName") == "svg"
    assert browser.value(OUTSIDE) == 0
    words = "[...document.querySelectorAll('svg text')].length"
    grounds = "document.querySelectorAll('svg > rect.page').length"
    assert (browser.value(words) > 0, browser.value(grounds)) == (True, 1)
    assert browser.value(DRAWN_CONTRAST.replace("document.body", "null")) >= 4.5
    browser.media()
