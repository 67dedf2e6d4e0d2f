"""Files that are written: never through a link, never another user's, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

BINARY = getattr(os, "O_BINARY", 0)
"""Windows would turn line feeds into pairs."""
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""A link is an error, and a pipe does not wait. Windows has neither flag: `own` looks before."""
JUNCTION = 0xA0000003
"""The tag of what leads to another folder on Windows and is no symbolic link."""


class Refused(OSError):  # noqa: N818 - an outcome with words
    """Something that is not safe to write to. `strerror` says why, `help` says what to do."""

    def __init__(self, path: str | os.PathLike[str], why: str, help_: str) -> None:
        super().__init__(errno.EPERM, why, os.fspath(path))
        self.help = help_


def is_link(found: os.stat_result) -> bool:
    """Whether `lstat` found a link, of either kind that Windows has."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == JUNCTION


def linked(path: str | os.PathLike[str]) -> Refused:
    """What to say of a link."""
    why = "it is a link, and links are not followed here"
    return Refused(path, why, "name the place that it leads to, or remove the link")


def own(path: str | os.PathLike[str]) -> os.stat_result:
    """What lies at a path itself.

    Raises:
        Refused: it is a link, or it belongs to another user.
        FileNotFoundError: nothing lies there.
    """
    found = os.lstat(path)
    if is_link(found):
        raise linked(path)
    user = getattr(os, "geteuid", None)
    if user is not None and found.st_uid != user():
        why = f"it belongs to another user (uid {found.st_uid})"
        raise Refused(path, why, "name another place, or have it given to your user")
    return found


def open_record(path: str | os.PathLike[str]) -> tuple[int, bool]:
    """A file to append to, made where there is none; with it whether it was made just now.

    Raises:
        Refused: what lies there is a link, another user's, or no ordinary file.
        OSError: it can't be opened.
    """
    flags = os.O_RDWR | os.O_APPEND | BINARY | NO_FOLLOW
    try:
        return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        pass
    before = own(path)
    _ordinary(path, before)
    descriptor = os.open(path, flags)
    try:
        found = os.fstat(descriptor)
        if os.name == "posix" and not os.path.samestat(before, found):
            raise Refused(path, "it was exchanged while it was opened", "run it again")
        if os.name == "posix" and found.st_mode & 0o077:
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & 0o700)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, False


def read_record(path: str | os.PathLike[str]) -> bytes:
    """What a file of records holds. It may come from another user, as an artifact does.

    Raises:
        Refused: it is a link or no ordinary file.
        OSError: it can't be read.
    """
    found = os.lstat(path)
    if is_link(found):
        raise linked(path)
    _ordinary(path, found)
    with os.fdopen(os.open(path, os.O_RDONLY | BINARY | NO_FOLLOW), "rb") as file:
        return file.read()


def store(descriptor: int, data: bytes) -> None:
    """Write bytes where a descriptor stands, put them on disk, and close it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _ordinary(path: str | os.PathLike[str], found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        raise Refused(path, "it is no ordinary file", "remove it, or name another place")


class NewFile:
    """A file that is created when this is made, for its owner alone, and written once.

    It is open from then on: whoever exchanges the name meanwhile gets nothing of what is written.
    It is removed at the end unless it was written.

    Raises:
        FileExistsError: something lies there, a link that leads nowhere included.
        OSError: it can't be created.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, 0o600
        )
        self._written = False

    def write(self, text: str) -> None:
        """Write the text and put it on disk.

        Raises:
            Refused: the name leads to another file by now. Nothing was written.
            OSError: it can't be written.
        """
        if not self.in_place():
            raise Refused(self.path, "it was exchanged meanwhile", "name another place")
        with _about(self.path):
            store(os.dup(self._descriptor), text.encode())
        self._written = True

    def in_place(self) -> bool:
        """Whether the name still leads to this file."""
        try:
            return os.path.samestat(os.lstat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        gone = not self._written and self.in_place()
        os.close(self._descriptor)
        if gone:
            os.unlink(self.path)  # noqa: PTH108 - pathlib is slow to load


def check_output(path: str) -> None:
    """Look whether `write_file` can write there, before anything else is done.

    Raises:
        Refused: it is a link or another user's.
        OSError: it is a folder, or may not be written.
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


def write_file(path: str, text: str) -> None:
    """Put a text in the place of a file, whole or not at all.

    A new file is its owner's alone; one that is replaced keeps its permissions. A pipe or a device
    is written to as it is.

    Raises:
        Refused: it is a link or another user's.
        OSError: it can't be written; what was there is as it was.
    """
    try:
        found = _output(path)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        flags = os.O_WRONLY | BINARY | getattr(os, "O_NOFOLLOW", 0)  # a pipe waits for its reader
        with _about(path), os.fdopen(os.open(path, flags), "wb") as file:
            file.write(text.encode())
        return
    with _about(path):
        mode = 0o600 if found is None else stat.S_IMODE(found.st_mode)
        beside = write_beside(path, text.encode(), mode)
        try:
            os.replace(beside, path)  # noqa: PTH105 - pathlib is slow to load
        except BaseException:
            os.unlink(beside)  # noqa: PTH108 - the same
            raise


def write_beside(path: str, data: bytes, mode: int) -> str:
    """Write a new file in the folder of another and put it on disk; the name of the new one."""
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is slow to load
    beside = os.path.join(folder, f".graphpolicy-{os.urandom(8).hex()}")  # noqa: PTH118
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, 0o600)
    try:
        store(descriptor, data)
        os.chmod(beside, mode)  # noqa: PTH101
    except BaseException:
        os.unlink(beside)  # noqa: PTH108
        raise
    return beside


@contextmanager
def _about(path: str) -> Iterator[None]:
    """Let errors name the file that was meant: a disk that is full names none."""
    try:
        yield
    except Refused:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _output(path: str) -> os.stat_result:
    """What lies where a result goes; a pipe or a device may be anybody's."""
    found = os.lstat(path)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return own(path) if is_link(found) or stat.S_ISREG(found.st_mode) else found
