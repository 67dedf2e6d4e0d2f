"""explain: which pages a word stands for, by Graph's name, the portal's label or a rule's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from graphpolicy.catalogue.facts import Facts
from graphpolicy.pages import MethodPage, Page, RulePage, SettingPage, every_page
from graphpolicy.policyfile.suggest import closest, plain

CONTAINED = 4
"""From this length on, a word also stands for the names and labels that contain it."""

METHODS = "authenticationmethodconfigurations"
"""The key around the methods in a policy file; it and what is before it may be left out."""


def find(word: str, facts: Facts) -> Sequence[Page]:
    """The pages that a word stands for, those that it names best; none if it names nothing.

    Case, hyphens and spaces don't count, nor does what leads to a setting: `state`,
    `TemporaryAccessPass.state` and the whole path of a policy file will do.
    """
    pages = every_page(facts)
    steps = _steps(word)
    whole = plain(word)
    ways: tuple[Callable[[Page], bool], ...] = (
        lambda page: _steps(_name(page)) == steps,
        lambda page: _steps(_name(page))[-len(steps) :] == steps,
        lambda page: whole in map(plain, _labels(page)),
        lambda page: (
            len(whole) >= CONTAINED
            and any(
                whole in plain(text) for text in (_name(page).rpartition(".")[2], _labels(page)[0])
            )
        ),
    )
    return next((found for way in ways if (found := [p for p in pages if way(p)])), ())


def meant(word: str, facts: Facts) -> str | None:
    """What a word that stands for nothing was probably meant to be."""
    return closest(word.rpartition(".")[2], _words(every_page(facts)))


def _words(pages: Sequence[Page]) -> Iterator[str]:
    for page in pages:
        yield _name(page).rpartition(".")[2]
        yield from _labels(page)


def _name(page: Page) -> str:
    match page:
        case SettingPage(setting=setting):
            return setting.name
        case MethodPage(resource=resource):
            return resource.id
        case RulePage(rule=rule):
            return rule.id


def _labels(page: Page) -> tuple[str, ...]:
    match page:
        case SettingPage(setting=setting):
            return (setting.row.label, setting.label)
        case MethodPage(resource=resource):
            return (resource.label,)
        case RulePage(rule=rule):
            return (rule.title,)


def _steps(name: str) -> tuple[str, ...]:
    steps = tuple(plain(step) for step in name.replace("[]", "").split("."))
    return steps[steps.index(METHODS) + 1 :] if METHODS in steps[:-1] else steps
