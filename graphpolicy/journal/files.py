"""Files that are opened safely: new, by no link, for their owner alone."""

from __future__ import annotations

import os

BINARY = getattr(os, "O_BINARY", 0)
"""Windows would turn line feeds into pairs."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows makes links for administrators alone, and has no such flag."""


def open_new(path: str) -> int:
    """A descriptor of a new file that its owner alone can read.

    Raises:
        FileExistsError: something has that name already, a link to nowhere included.
        OSError: it can't be made.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | BINARY, 0o600)


def is_at(path: str, descriptor: int) -> bool:
    """Whether an open file still stands at its path: neither gone nor replaced."""
    try:
        there = os.lstat(path)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))
