"""Opening files: never through a link, and to write never another user's."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from graphpolicy.model import Json

BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows would write CR LF for each line feed."""
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Fail on a link, and do not wait for a pipe. Windows has neither flag: `own` checks first."""
JUNCTION = 0xA0000003
"""The reparse tag of a Windows junction, which is a link but not a symbolic link."""


NOT_FOR_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EACCES)
"""Errors of file systems that can't sync a folder, such as network file systems, and of folders
that may be entered but not read.
"""


class UnsafePathError(OSError):
    """A file or folder that is not safe to use. `strerror` says why, `help` what to do.

    It is an OSError, so that it ends a command as any other file does that can't be used.
    """

    def __init__(self, path: str | os.PathLike[str], why: str, help_: str) -> None:
        super().__init__(errno.EPERM, why, os.fspath(path))
        self.help = help_


def way_out(error: Exception, otherwise: str = "") -> str:
    """What to do about a file that can't be used."""
    return error.help if isinstance(error, UnsafePathError) else otherwise


def is_link(found: os.stat_result) -> bool:
    """Whether `lstat` found a symbolic link or a junction."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == JUNCTION


def linked(path: str | os.PathLike[str]) -> UnsafePathError:
    """The error for a link."""
    why = "it is a link, and links are not followed here"
    return UnsafePathError(path, why, "use the path that it leads to, or remove the link")


def own(path: str | os.PathLike[str]) -> os.stat_result:
    """`lstat` of a path that must be the user's own.

    Raises:
        UnsafePathError: it is a link, or it belongs to another user.
        FileNotFoundError: it does not exist.
    """
    found = os.lstat(path)
    if is_link(found):
        raise linked(path)
    user = getattr(os, "geteuid", None)
    if user is not None and found.st_uid != user():
        why = f"it belongs to another user (uid {found.st_uid})"
        raise UnsafePathError(path, why, "use another path, or change its owner to your user")
    return found


def open_record(path: str | os.PathLike[str]) -> tuple[int, bool]:
    """Open a file to append to, or create it; returns the descriptor, and whether it is new.

    Raises:
        UnsafePathError: it is a link, another user's, or not a regular file.
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
            raise UnsafePathError(
                path, "it was replaced while it was opened", "run the command again"
            )
        if os.name == "posix" and found.st_mode & 0o077:
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & 0o700)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, False


def append_record(path: FilePath, record: Mapping[str, Json]) -> None:
    """Add a line of JSON to a file for its owner only and sync it, even after an incomplete line.

    A new file is synced with its folder.
    """
    line = json.dumps(record).encode()
    descriptor, fresh = open_record(path)
    torn = b"" if fresh or _ends_whole(descriptor) else b"\n"
    store(descriptor, torn + line + b"\n")
    if fresh:
        sync_entry(path.parent)


def _ends_whole(descriptor: int) -> bool:
    """Whether a file ends with a complete line; a killed process may leave an incomplete one."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(end - 1, 0), os.SEEK_SET)
    return os.read(descriptor, 1) in (b"", b"\n")


def read_record(path: str | os.PathLike[str]) -> bytes:
    """The content of a file of records. It may be another user's, as an artifact's may.

    Raises:
        UnsafePathError: it is a link or not a regular file.
        OSError: it can't be read.
    """
    found = os.lstat(path)
    if is_link(found):
        raise linked(path)
    _ordinary(path, found)
    with os.fdopen(os.open(path, os.O_RDONLY | BINARY | NO_FOLLOW), "rb") as file:
        return file.read()


def store(descriptor: int, data: bytes) -> None:
    """Write bytes to a descriptor, sync and close it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_entry(folder: FilePath) -> None:
    """Sync a folder, so that a new file in it survives a crash. Windows has no call for that."""
    if os.name == "nt":
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in NOT_FOR_FOLDERS:
            raise


def _ordinary(path: str | os.PathLike[str], found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        raise UnsafePathError(path, "it is not a regular file", "remove it, or use another path")


class NewFile:
    """Creates a file for its owner only, which can be written once.

    The file stays open until the end: if someone replaces it meanwhile, they get none of the text.
    It is removed at the end unless it was written.

    Raises:
        FileExistsError: the path exists, even as a broken link.
        OSError: it can't be created.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW, 0o600
        )
        self._written = False

    def write(self, text: str) -> None:
        """Write the text and sync it.

        Raises:
            UnsafePathError: the path is another file by now. Nothing was written.
            OSError: it can't be written.
        """
        if not self.in_place():
            raise UnsafePathError(self.path, "someone replaced it meanwhile", "use another path")
        with about(self.path):
            store(os.dup(self._descriptor), text.encode())
        self._written = True

    def in_place(self) -> bool:
        """Whether the path is still this file."""
        try:
            return os.path.samestat(os.lstat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        unused = not self._written and self.in_place()
        os.close(self._descriptor)
        if unused:
            os.unlink(self.path)  # noqa: PTH108 - pathlib is slow to load


@contextmanager
def about(path: str) -> Iterator[None]:
    """Put `path` into errors: the error of a full disk names no file."""
    try:
        yield
    except UnsafePathError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
