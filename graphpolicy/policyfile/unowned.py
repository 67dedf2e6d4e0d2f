"""Files that a policy reads and that nobody owns, where the repository has CODEOWNERS.

Whoever may change such a file, or the link that leads to it, changes the policy without a review by
those who own the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path as FilePath

from graphpolicy.disk.folders import links
from graphpolicy.model import Finding, Place
from graphpolicy.policyfile.files import STDIN
from graphpolicy.policyfile.owners import Owners
from graphpolicy.policyfile.wording import shown

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks; the first counts."""
LARGEST = 3 << 20
"""GitHub does not read a larger one, and then nobody owns anything."""


class Ownership:
    """Who owns what in a repository; `home` is its root, links resolved."""

    def __init__(self, home: FilePath) -> None:
        self.home = home
        self._unowned: dict[str, tuple[str, ...]] = {}

    def unowned(self, file: str) -> tuple[str, ...]:
        """What nobody owns of a file and the links on the way to it, from the root."""
        if file not in self._unowned:
            ways = [self._from_root(step) for step in links(file)]
            self._unowned[file] = tuple(
                way for way in ways if way and self._owners and not self._owners.own(way)
            )
        return self._unowned[file]

    def owns(self, file: str) -> bool:
        """Whether somebody owns a file by the name that it is read by, or what it leads to."""
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
    """What to say of a policy file that is reached by a link."""
    if len(links(file)) > 1:
        for name in ownership.unowned(file):
            yield unowned(f"leads to {shown(name)}", Place(file))


def unowned(leads: str, place: Place | None) -> Finding:
    """What to say of one file that nobody owns; `leads` says by which way it is read."""
    return Finding(
        "unowned-file",
        "warning",
        f"{leads}, which has no owner in CODEOWNERS: it can change without the policy's owners",
        "add it to CODEOWNERS, or move it beside the files that somebody owns",
        source=place,
    )
