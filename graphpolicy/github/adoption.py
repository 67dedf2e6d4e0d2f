"""The pull request that adopts drift: it changes a tenant's file to the live values."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from graphpolicy.compare.author_words import by_whom
from graphpolicy.github.file_change import FileChange, blob
from graphpolicy.model import Change, Unmanaged
from graphpolicy.model.records import dataclass
from graphpolicy.plan.tally import number
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.render.escape import short
from graphpolicy.render.phrases import undeclared

ROOM = 15_000
"""Characters of a list in the body. There are three lists, and GitHub allows 65,536 in all."""

MOST = 1000
"""Characters of a value that is not a list; all known values are shorter."""


@dataclass(frozen=True, slots=True)
class AdoptedSetting:
    """One setting that would change in the file; `change` is its difference from the tenant."""

    name: str
    before: str
    after: str
    change: Change | None = None
    moves: tuple[tuple[str, str], ...] = ()
    """For a list, its entries that would change in the file: (`+`, `-` or `~`, label)."""


@dataclass(frozen=True, slots=True)
class SnapshotRenewal:
    """A snapshot in the repository that a commit brings up to date; `said` is it without times."""

    path: str
    old: bytes
    new: bytes
    said: str


@dataclass(frozen=True, slots=True)
class Adoption(FileChange):
    """The change of a tenant's file to the live values.

    `left` are settings that stay different, with the reason; `notes` are side effects of the
    change, such as a comment that is removed.
    """

    settings: tuple[AdoptedSetting, ...]
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    undeclared: tuple[Unmanaged, ...] = ()
    """What no file declares and differs from the snapshot."""
    snapshot: SnapshotRenewal | None = None
    """The snapshot that changes in the same commit."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to commit: the snapshot alone is not worth a pull request."""
        return self.new != self.old or bool(self.snapshot and self.undeclared)

    @property
    def files(self) -> dict[str, tuple[bytes, bytes]]:
        """The files of the commit: each with its bytes before and after."""
        own = {self.path: (self.old, self.new)} if self.new != self.old else {}
        kept = self.snapshot
        return {**own, **({kept.path: (kept.old, kept.new)} if kept else {})}

    @property
    def branch(self) -> str:
        """The branch, named by the tenant's id: its name may be invalid as a branch name."""
        return f"graphpolicy/adopt-drift/{self.tenant.id}"

    @property
    def nothing(self) -> str:
        if self.left:
            return "the differences can't be written into the file, so nothing was proposed"
        return "no drift to adopt"

    @property
    def gone(self) -> str:
        return "" if self.left else "no more drift"

    @property
    def refused(self) -> str:
        return "revert it in the tenant, or add a hold to the file"

    @property
    def title(self) -> str:
        count = number(len(self.settings) + len(self.undeclared), "setting")
        return f"Adopt drift in {short(self.tenant.name, 60)}: {count}"

    @property
    def kept(self) -> str:
        """The snapshot before and after, without the time at which it was taken."""
        kept = self.snapshot
        return f"{blob(kept.old)} {blob(kept.said.encode())}" if kept else ""

    def body(self, run: str) -> str:
        """The text of the pull request: below GitHub's limit, with all names escaped."""
        whose = f"{code(self.tenant.name)} ({code(self.tenant.id)})"
        lead = (
            f"Someone changed settings of {code(self.path)} in the tenant {whose}. To accept the "
            "live values, merge this pull request. To revert them, apply the file as it is. To "
            "keep them for a while, add a `hold` with a reason and an expiry date.\n"
        )
        rows = [_row(setting) for setting in self.settings]
        foot = (
            "\ngraphpolicy updates this branch until somebody else pushes to it, and closes the "
            "pull request when there is no drift left. GitHub starts no checks on a pull request "
            f"from a job: to start them, close and reopen it. [run]({run})\n"
        )
        left = _part("These settings still differ and need a person:", self.left)
        notes = _part("Side effects of the change:", self.notes)
        settings = _some(rows, "settings, see the changed file")
        told = (" · ".join(undeclared(each)) for each in self.undeclared)
        kept = _part("In no file; the snapshot is updated with these:", told)
        return "".join((f"{lead}\n", *settings, *kept, *left, *notes, foot))


SIDES = {"+": "only in the tenant", "-": "only in the file", "~": "file -> tenant"}


def _row(setting: AdoptedSetting) -> str:
    """One setting; for a list a line for each entry that was added, removed or changed."""
    whose = by_whom(setting.change.changed_by) if setting.change else ""
    by = f" (by {prose(short(whose, 300))})" if whose else ""
    name = code(short(setting.name, 200))
    if not setting.moves:
        before, after = code(setting.before, MOST), code(setting.after, MOST)
        return f"{name}: {before} in the file, {after} in the tenant{by}"
    moves = (f"\n  * {SIDES[symbol]}: {code(text, None)}" for symbol, text in setting.moves)
    return f"{name}{by}:{''.join(moves)}"


def _part(lead: str, told: Iterable[str]) -> tuple[str, ...]:
    rows = [prose(short(line, 300)) for line in told]
    return (f"\n{lead}\n\n", *_some(rows, "more")) if rows else ()


def _some(rows: list[str], rest: str) -> tuple[str, ...]:
    """As many rows as there is room for, then a row with the number of the others."""
    lengths = accumulate(len(row) for row in rows)
    shown = [row for row, length in zip(rows, lengths, strict=True) if length <= ROOM]
    more = len(rows) - len(shown)
    return (*(f"* {row}\n" for row in shown), *([f"* and {more} {rest}\n"] if more else ()))
