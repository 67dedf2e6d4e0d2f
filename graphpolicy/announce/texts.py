"""The texts of an announcement, in files that a team can replace, for example in its language.

A file has entries: a line `[NAME]`, then the lines of the text, which are joined. A line that
begins with `#` is a comment. `$name` is filled in, `$$` is a dollar sign (`string.Template`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import Template

from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.records import dataclass

FILES = ("message.txt", "helpdesk.txt", "methods.txt", "settings.txt", "picture.txt")
"""The files, in reading order."""

PLACES: Mapping[str, frozenset[str]] = {
    "when": frozenset({"date"}),
    "for": frozenset({"people"}),
    "but not": frozenset({"people"}),
    "unchanged": frozenset({"people"}),
    "helpdesk for": frozenset({"people"}),
    "register": frozenset({"methods", "date", "security_info"}),
    "register soon": frozenset({"methods", "security_info"}),
    "register any": frozenset({"date", "security_info"}),
    "register any soon": frozenset({"security_info"}),
    "helpdesk lose": frozenset({"count"}),
    "helpdesk without_mfa": frozenset({"count"}),
    "helpdesk not_known": frozenset({"count"}),
    "minutes": frozenset({"count"}),
    "hours": frozenset({"count"}),
    "days": frozenset({"count"}),
    "picture description": frozenset({"before", "after"}),
}
"""The placeholders of an entry, besides `tenant`."""

SECURITY_INFO = "https://aka.ms/mysecurityinfo"
"""Microsoft's page on which people see and set up their methods."""

SETTING = frozenset({"method", "before", "after", "security_info"})
"""The placeholders in the texts of methods and settings."""

HEAD = re.compile(r"\[(.+)\]\s*")


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text and its place; lines count from 1."""

    file: str
    line: int
    text: str


class Texts:
    """The entries of all files, checked by `read`. `tenant` is the value of `$tenant`."""

    def __init__(self, entries: Mapping[str, PlacedText], tenant: str = "") -> None:
        self._entries = entries
        self._tenant = tenant

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self, file: str) -> list[str]:
        """The names of one file's entries, in order."""
        return [name for name, entry in self._entries.items() if entry.file == file]

    def of(self, tenant: str) -> Texts:
        """These texts with `$tenant` for one tenant."""
        return Texts(self._entries, tenant)

    def fill(self, name: str, **values: str) -> str:
        """One text with its placeholders filled in. A `$` in a value stays as it is."""
        found = Template(self._entries[name].text)
        return found.substitute(values, tenant=self._tenant, security_info=self.security_info)

    @property
    def security_info(self) -> str:
        """The name and the address of the Security info page, as a filled text has them."""
        return f"{self.security_info_name} ({SECURITY_INFO})"

    @property
    def security_info_name(self) -> str:
        named = Template(self._entries["security info"].text)
        return named.substitute(tenant=self._tenant)


def default_files() -> dict[str, str]:
    """The text files of this release, by name."""
    return {
        name: files(__package__).joinpath("texts", name).read_text(encoding="utf-8")
        for name in FILES
    }


@cache
def default_texts() -> Texts:
    """The texts of this release."""
    return Texts(dict(_defaults()))


def read(given: Mapping[str, str]) -> tuple[Texts, list[str]]:
    """A team's own texts from their files' contents, and every mistake with file and line.

    All files and entries are required, so that no message mixes two languages by accident.
    """
    wanted = dict(_defaults())
    found: dict[str, PlacedText] = {}
    mistakes = [f"{file}: the file is missing" for file in FILES if file not in given]
    for file in FILES:
        for name, entry in _entries(file, given.get(file, "")):
            place = f"{file}:{entry.line}"
            if not name:
                mistakes.append(f"{place}: text before the first [NAME]")
            elif name in found:
                mistakes.append(f"{place}: [{name}] is a duplicate")
            elif name not in wanted or wanted[name].file != file:
                mistakes.append(f"{place}: unknown entry [{name}]{_elsewhere(name, wanted)}")
            else:
                found[name] = entry
                mistakes += [f"{place}: {wrong}" for wrong in _wrong(name, entry)]
    mistakes += [
        f"{entry.file}: the entry [{name}] is missing"
        for name, entry in wanted.items()
        if name not in found and entry.file in given
    ]
    return Texts(found), mistakes


def _elsewhere(name: str, wanted: Mapping[str, PlacedText]) -> str:
    if name in wanted:
        return f"; it belongs in {wanted[name].file}"
    near = closest(name, wanted)
    return f"; did you mean [{near}]?" if near else ""


def _wrong(name: str, entry: PlacedText) -> Iterator[str]:
    template = Template(entry.text)
    if not entry.text:
        yield f"[{name}] has no text"
    if not template.is_valid():
        yield f"[{name}] has a $ without a name; write $$ for a dollar sign"
        return
    of_file = SETTING if entry.file in ("methods.txt", "settings.txt") else frozenset()
    allowed = sorted({"tenant"} | PLACES.get(name, of_file))
    for place in template.get_identifiers():
        if place not in allowed:
            known = ", ".join(f"${each}" for each in allowed)
            yield f"[{name}] has an unknown ${place}; use one of {known}"


def _defaults() -> Iterator[tuple[str, PlacedText]]:
    for file, text in default_files().items():
        yield from _entries(file, text)


def _entries(file: str, text: str) -> Iterator[tuple[str, PlacedText]]:
    """The entries of a file with their names; text before the first entry has the name ""."""
    name, line, lines = "", 0, list[str]()
    for number, content in enumerate(text.splitlines(), 1):
        if content.startswith("#"):
            continue
        head = HEAD.fullmatch(content)
        if head or (content.strip() and not name and not lines):
            if name or lines:
                yield name, PlacedText(file, line, " ".join(lines))
            name, line, lines = head[1] if head else "", number, []
        if not head and content.strip():
            lines.append(content.strip())
    if name or lines:
        yield name, PlacedText(file, line, " ".join(lines))
