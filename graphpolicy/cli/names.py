"""The names that the Tab key proposes for values: tenants, rules, settings, pages."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import chdir, suppress

from click.shell_completion import CompletionItem

PLACES = {"files": "file", "folders": "dir"}
"""What the shell completes by itself."""


def proposed(kind: str, incomplete: str, folder: str = "") -> list[CompletionItem]:
    """The names of a kind that begin with what is typed; none if they can't be found."""
    if kind in PLACES:
        return [CompletionItem(incomplete, type=PLACES[kind])]
    before, comma, begun = incomplete.rpartition(",") if kind == "tenants" else ("", "", incomplete)
    found: list[tuple[str, str]] = []
    with suppress(Exception), chdir(folder or "."):  # a shell has no place for an error
        found = list(NAMES[kind]())
    return [
        CompletionItem(f"{before}{comma}{name}", help=about)
        for name, about in found
        if name.casefold().startswith(begun.casefold()) and name.isprintable()
    ]


def _tenants() -> Iterable[tuple[str, str]]:
    from graphpolicy.commands.tenants import known_tenants

    return ((each.name, each.id) for each in known_tenants())


def _rules() -> Iterable[tuple[str, str]]:
    from graphpolicy.rules.table import RULES

    return ((row.id, row.title) for row in RULES.values() if row.by_flag)


def _settings() -> Iterable[tuple[str, str]]:
    from graphpolicy.catalogue import METHODS, RESOURCES
    from graphpolicy.catalogue.settings import settings
    from graphpolicy.model import POLICY

    yield from ((row.id, row.label) for row in METHODS)
    for each in settings(row for row in RESOURCES.values() if not row.several):
        if not each.in_entry:
            yield (each.dotted if each.resource.id == POLICY else each.name), each.label


def _topics() -> Iterable[tuple[str, str]]:
    from graphpolicy.rules.table import RULES

    yield from _settings()
    yield from ((row.id, row.title) for row in RULES.values())


def _pages() -> Iterable[tuple[str, str]]:
    from graphpolicy.commands.docs import pages

    return ((name, page.title) for name, page in pages().items())


NAMES = {
    "tenants": _tenants,
    "rules": _rules,
    "settings": _settings,
    "topics": _topics,
    "pages": _pages,
}
"""What completes the values of a flag or an argument, by its kind."""
