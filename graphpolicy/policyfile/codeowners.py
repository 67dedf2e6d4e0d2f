"""CODEOWNERS as GitHub reads it, and the files of a policy that have no owner.

The last pattern that matches a file decides; a pattern without owners removes them. GitHub skips
lines that it does not understand: negations, ranges, and owners in a wrong form.

Anyone may change a file without an owner, or a link that leads to it. That changes the policy
without a review by the policy's owners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path as FilePath

from graphpolicy.disk.folders import links
from graphpolicy.model import Finding, Place
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.files import STDIN
from graphpolicy.policyfile.wording import shown

OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+")
WORD = re.compile(r"(?:\\.|[^\s\\])+")
ANY, ONE = "*", "?"
"""Wildcards. A letter with a backslash before it is kept as a pair, and so never a wildcard."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: the steps of its path, and whether it names owners.

    `anywhere` is whether the path may start below the root. `itself` is whether the pattern matches
    the path that it names, and `below` whether it matches everything below that path.
    """

    steps: tuple[tuple[str, ...], ...]
    owned: bool
    anywhere: bool
    below: bool
    itself: bool

    def fits(self, path: tuple[str, ...]) -> bool:
        """Whether it matches a file, given the steps of its path."""
        reached = set(range(len(path))) if self.anywhere else {0}
        for step in self.steps:
            if step == (ANY, ANY):
                reached = set(range(min(reached, default=len(path)), len(path)))
            else:
                reached = {at + 1 for at in reached if at < len(path) and _fits(step, path[at])}
        return (self.itself and len(path) in reached) or (
            self.below and any(at < len(path) for at in reached)
        )


class Owners:
    """The owners in a CODEOWNERS file."""

    def __init__(self, text: str) -> None:
        self._last_first = tuple(_patterns(text))[::-1]

    def own(self, path: str) -> bool:
        """Whether a file has an owner. `path` is relative to the root of the repository."""
        steps = tuple(path.split("/"))
        return next((each.owned for each in self._last_first if each.fits(steps)), False)


def _patterns(text: str) -> Iterator[Pattern]:
    for line in text.split("\n"):
        words = WORD.findall(line)
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), None)
        words = words[:comment]
        if not words or not all(map(OWNER.fullmatch, words[1:])):
            continue
        if pattern := _pattern(words[0], owned=len(words) > 1):
            yield pattern


def _pattern(written: str, *, owned: bool) -> Pattern | None:
    if written.startswith(("!", "\\#")) or "[" in re.sub(r"\\.", "", written):
        return None
    folder = written.endswith("/")
    names = written.strip("/").split("/")
    if not all(names):
        return None
    steps = tuple(tuple(re.findall(r"\\.|[^\\]", name)) for name in names)
    anywhere = len(steps) == 1 and not written.startswith("/")
    if steps[-1] == (ANY, ANY) and not folder:
        steps, folder = steps[:-1], True
    # `docs/*` matches only the files in that folder, while a `*` alone matches everything.
    flat = steps[-1:] == ((ANY,),) and not anywhere and not folder
    return Pattern(steps, owned, anywhere, below=not flat, itself=not folder)


def _fits(pattern: tuple[str, ...], name: str) -> bool:
    """Whether a name matches one step. On a mismatch, the last `*` takes one more letter."""
    at = here = 0
    star = back = -1
    while here < len(name):
        if at < len(pattern) and pattern[at] == ANY:
            star, back = at, here
            at += 1
        elif at < len(pattern) and (pattern[at] == ONE or pattern[at][-1] == name[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            back += 1
            at, here = star + 1, back
        else:
            return False
    return all(letter == ANY for letter in pattern[at:])


CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks; the first file counts."""
LARGEST = 3 << 20
"""In bytes. GitHub ignores a larger file, and then no file has an owner."""


class Ownership:
    """Which files of a repository have an owner. `home` is its root, with links resolved."""

    def __init__(self, home: FilePath) -> None:
        self.home = home
        self._unowned: dict[str, tuple[str, ...]] = {}

    def unowned(self, file: str) -> tuple[str, ...]:
        """A file and the links on the way to it: those without an owner, relative to the root."""
        if file not in self._unowned:
            ways = [self._from_root(step) for step in links(file)]
            self._unowned[file] = tuple(
                way for way in ways if way and self._owners and not self._owners.own(way)
            )
        return self._unowned[file]

    def owns(self, file: str) -> bool:
        """Whether a file has an owner, by the name that it is read by or by what that leads to."""
        if file == STDIN or self._owners is None:
            return False
        named = FilePath.cwd() / file
        ways = [self._from_root(each) for each in (named.parent.resolve() / named.name, named)]
        ways += [self._from_root(step) for step in links(file)]
        return any(way and self._owners.own(way) for way in ways)

    @cached_property
    def _owners(self) -> Owners | None:
        for name in CODEOWNERS:
            try:
                with (self.home / name).open("rb") as file:
                    raw = file.read(LARGEST + 1)
            except OSError:
                continue
            return Owners("" if len(raw) > LARGEST else raw.decode("utf-8-sig", "replace"))
        return None

    def _from_root(self, path: FilePath) -> str:
        return path.relative_to(self.home).as_posix() if path.is_relative_to(self.home) else ""


def unowned_link(ownership: Ownership, file: str) -> Iterator[Finding]:
    """The findings about a policy file that is reached through a link."""
    if len(links(file)) > 1:
        for name in ownership.unowned(file):
            yield unowned(f"leads to {shown(name)}", Place(file))


def unowned(leads: str, place: Place | None) -> Finding:
    """The finding about one file without an owner; `leads` says how it is reached."""
    message = (
        f"{leads}, which has no owner in CODEOWNERS: it can change without a review by the "
        "policy's owners"
    )
    fix = "add it to CODEOWNERS, or move it to a folder that has an owner"
    return Finding("unowned-file", "warning", message, fix, source=place)
