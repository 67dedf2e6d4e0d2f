"""Exit codes, and the errors that end a command with a message and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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
