"""Exit codes, and the errors that end a command with a message and one of them."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """The exit codes of the command."""

    DONE = 0
    FAILED = 1
    DIFFERENT = 2
    STALE = 3
    SIGN_IN = 4
    PARTLY = 5
    REFUSED = 6
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


WORST_FIRST = (
    Exit.PARTLY,
    Exit.FAILED,
    Exit.SIGN_IN,
    Exit.STALE,
    Exit.REFUSED,
    Exit.DIFFERENT,
    Exit.DONE,
)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several tenants, or of several people, together."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), Exit.DONE)


def unforeseen(error: Exception) -> str:
    """An error that nobody foresaw, with where it was, for a report to us."""
    *_, innermost = traceback.extract_tb(error.__traceback__)
    where = f"{Path(innermost.filename).name}:{innermost.lineno}"
    return f"{type(error).__name__}: {error} ({where})"


@dataclass(eq=False)
class GraphPolicyError(Exception):
    """An error with one sentence for a person, what to do next, and an exit code."""

    text: str
    help: str = ""
    exit_code: int = Exit.FAILED

    def __str__(self) -> str:
        return self.text


@dataclass(eq=False)
class UsageError(GraphPolicyError):
    """The command cannot be carried out as it was given."""

    exit_code: int = Exit.USAGE


@dataclass(eq=False)
class InputError(GraphPolicyError):
    """A base, a snapshot or another input that cannot be read."""
