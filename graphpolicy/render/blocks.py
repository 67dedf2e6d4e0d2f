"""The pieces that a result is shown in, the same for all formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias, TypeVar

from graphpolicy.model import Failure, Finding, Place, Tenant
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows: 1 of a letter, 2 of a part, 3 within a part."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class FactList:
    """Named facts. A fact without a name continues the one before it.

    A third member is the colour of the name, for formats with colours.
    """

    rows: Sequence[tuple[str, str] | tuple[str, str, str]]
    indent: int = 10
    """Columns that the names take in text, two blanks after them included."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns. If they are `whole`, people copy from them: no word is
    broken.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    whole: bool = False
    inset: int = 0
    """Columns that the table is moved to the right in text."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; a `soft` one matters less than what is below it."""

    text: str
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list, below the line that says of what; nothing is written if there are no lines."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Command:
    """A command to copy; `lead` says what it is for."""

    lead: str
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a file, as they are."""

    lines: Sequence[str]


MOST_UNCHANGED = 3
"""The most entries of a list to show that stay, beside those that change."""


@dataclass(frozen=True, slots=True)
class DiffEntry:
    """One setting of a diff: lines with their signs, or both values.

    A sign is `+`, `-`, `~` for changed, or a blank.
    """

    name: str
    lines: Sequence[tuple[str, str]]
    before: str
    after: str
    emptied: str
    """What it means that the list becomes empty; '' if it does not."""
    label: str
    source: Place | None
    changed_by: str
    address: str
    """The address of the person who changed it, for a terminal alone."""
    people: str
    """Who it applies to."""
    people_said: bool
    """Whether another part says who it applies to, such as the entry above."""


@dataclass(frozen=True, slots=True)
class Diff:
    """How settings of one resource change, or how a tenant differs from its file.

    `heading` is shown above this resource; it is '' unless this is the first of its cause. A diff
    of a `drift` has lines from both sides in place of values before and after.
    """

    title: str
    entries: Sequence[DiffEntry]
    heading: str = ""
    drift: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """The space between two parts."""


Block: TypeAlias = Heading | FactList | Table | Line | Items | Command | Code | Diff | Gap | Finding


class OfTenant(Protocol):
    """What a verb found in one tenant."""

    @property
    def tenant(self) -> Tenant: ...


T = TypeVar("T", bound=OfTenant)


def by_tenant(
    items: Iterable[T | Failure],
    shown: Callable[[T], Iterable[Block]],
    file_findings: Iterable[Finding] = (),
) -> Iterator[Block]:
    """Each tenant below its name: what was found there, or why it could not be read.

    First what is wrong in the files: there are no tenants then.
    """
    yield from file_findings
    for number, item in enumerate(items):
        if number:
            yield Gap()
        yield Heading(f"{item.tenant.name}  {item.tenant.id}")
        if isinstance(item, Failure):
            yield Finding(item.code, "error", item.message, item.help)
        else:
            yield from shown(item)
