"""Output files: replaced completely or not at all, never through a link, never another user's."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from graphpolicy.disk.opening import BINARY, NO_FOLLOW, about, is_link, own, store

if TYPE_CHECKING:
    from typing import BinaryIO


def check_output(path: str) -> None:
    """Check that `write_file` can write there, before anything else is done.

    Raises:
        Refused: it is a link or another user's.
        OSError: it is a folder, or is not writable.
    """
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - pathlib is slow to load
    try:
        found = _output(path)
    except FileNotFoundError:
        found = None
    beside = found is None or stat.S_ISREG(found.st_mode)
    for needed in (folder,) if found is None else (path, folder) if beside else (path,):
        if not os.access(needed, os.W_OK):
            missing = not os.path.lexists(needed)
            code = errno.ENOENT if missing else errno.EACCES
            raise OSError(code, os.strerror(code), needed)


def write_file(path: str, text: str, *, private: bool = False) -> None:
    """Replace the content of a file, completely or not at all; see `replacing`."""
    with replacing(path, private=private) as write:
        write(text)


@contextmanager
def replacing(path: str, *, private: bool = False) -> Iterator[Callable[[str], None]]:
    """Write a file piece by piece; it takes the place of `path` at the end, complete or not at all.

    A new file is readable by its owner only; an existing one keeps its permissions, unless it is to
    be `private`. A pipe or a device is written directly.

    Raises:
        Refused: it is a link or another user's.
        OSError: it can't be written; the old content is unchanged.
    """
    try:
        found = _output(path)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        flags = os.O_WRONLY | BINARY | getattr(os, "O_NOFOLLOW", 0)  # waits for a pipe's reader
        with about(path):
            descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "wb") as file:
            yield _writer(file, path)
        return
    mode = 0o600 if found is None or private else stat.S_IMODE(found.st_mode)
    with about(path):
        beside, descriptor = _open_beside(path)
    try:
        file = os.fdopen(descriptor, "wb")
        try:
            yield _writer(file, path)
            with about(path):
                file.flush()
                os.fsync(descriptor)
        finally:
            with suppress(OSError):  # it flushes again what could not be written; that is known
                file.close()
        with about(path):
            os.chmod(beside, mode)  # noqa: PTH101 - pathlib is slow to load
            os.replace(beside, path)  # noqa: PTH105 - the same
    except BaseException:
        os.unlink(beside)  # noqa: PTH108 - the same
        raise


def _writer(file: BinaryIO, path: str) -> Callable[[str], None]:
    def write(text: str) -> None:
        with about(path):
            file.write(text.encode())

    return write


def write_beside(path: str, data: bytes, mode: int) -> str:
    """Write and sync a new file in the folder of `path`; returns the new path."""
    beside, descriptor = _open_beside(path)
    try:
        store(descriptor, data)
        os.chmod(beside, mode)  # noqa: PTH101
    except BaseException:
        os.unlink(beside)  # noqa: PTH108
        raise
    return beside


def _open_beside(path: str) -> tuple[str, int]:
    """A new file in the folder of `path`, and its descriptor."""
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is slow to load
    beside = os.path.join(folder, f".graphpolicy-{os.urandom(8).hex()}")  # noqa: PTH118
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW
    return beside, os.open(beside, flags, 0o600)


def _output(path: str) -> os.stat_result:
    """`lstat` of an output path, checked to be the user's own unless it is a pipe or a device."""
    found = os.lstat(path)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return own(path) if is_link(found) or stat.S_ISREG(found.st_mode) else found
