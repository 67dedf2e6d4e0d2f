"""Which files a path stands for, and their bytes. The path - is standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import BinaryIO

from graphpolicy.disk.folders import left_by, repository
from graphpolicy.disk.opening import write_beside
from graphpolicy.model import Finding, Level, Place

STDIN = "-"
SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 1 << 20
"""More than any policy needs: Microsoft's own limit for the policy is a fraction of it."""


class Files:
    """The files under some paths, each once, in order, with what is wrong about finding them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.folders: list[str] = []
        self.homes: dict[str, FilePath] = {}
        """The folder that the bases of a file may not leave: its repository, or the path given."""
        self.findings: list[Finding] = []
        self._seen: set[str] = set()

    def add(self, path: str) -> None:
        """Take in a file as it is named, or every policy file below a folder.

        In a folder, what is hidden is left alone. A link must stay inside the repository, so that
        a pull request can't make messages quote other files of the machine. That holds for links
        on the way to the path, too.
        """
        if path != STDIN and (outside := leading_out(path)):
            self.findings.append(outside)
            return
        if not os.path.isdir(path):  # noqa: PTH112 - a path that can't be looked at is no error yet
            if path == STDIN or os.path.lexists(path):
                self._take(FilePath(path).as_posix(), repository(FilePath(path).parent))
            else:
                self._complain("missing-file", path, "there is no such file or folder")
            return
        self.folders.append(path)
        before = len(self.names) + len(self.findings)
        found = list(self._walk(FilePath(path)))
        for file in found:
            self._take(file, repository(FilePath(path)))
        if not found and before == len(self.names) + len(self.findings):
            self._complain("no-policy-file", path, "holds no policy file (*.yaml, *.yml)")

    def _walk(self, folder: FilePath) -> Iterator[str]:
        home = repository(folder)
        for at, folders, names in os.walk(folder, onerror=self._unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in folders:
                inner = FilePath(at, name)
                if inner.is_symlink():
                    message = "is a link to a folder, and links to folders are not followed"
                    self._complain("link-not-followed", inner.as_posix(), message, "warning")
            for name in sorted(names):
                file = FilePath(at, name)
                if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                    continue
                real = FilePath(
                    os.path.realpath(file)
                )  # Path.resolve raises where links run in a ring
                if file.is_symlink() and not real.is_relative_to(home):
                    message = f"is a link that leads out of {home.as_posix()}"
                    self._complain("link-outside", file.as_posix(), message)
                elif file.is_symlink() or file.is_file():
                    yield file.as_posix()

    def _take(self, file: str, home: FilePath) -> None:
        real = os.path.realpath(file)
        if real not in self._seen:
            self._seen.add(real)
            self.names.append(file)
            self.homes[file] = home

    def _unreadable(self, error: OSError) -> None:
        self.findings.append(_unreadable(str(error.filename), error))

    def _complain(self, rule: str, path: str, message: str, level: Level = "error") -> None:
        self.findings.append(Finding(rule, level, message, FIXES[rule], source=Place(path)))


FIXES = {
    "link-not-followed": "name the folder itself, or link single files",
    "link-outside": "put the file or folder itself there",
    "missing-file": "name a policy file or a folder of them; the default is policies/, here or "
    "above in the repository",
    "no-policy-file": "put a policy file there, or name another folder",
}


def read_bytes(file: str) -> bytes | Finding:
    """What a file holds, or why it can't be had."""
    try:
        with _opened(file) as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(file, error)
    if len(raw) > MAX_BYTES:
        return Finding(
            "file-too-large",
            "error",
            f"is larger than {MAX_BYTES // 1024} KiB, which no policy needs",
            "check that it is a policy file, or split it",
            source=Place(file),
        )
    return raw


def replace_bytes(file: str, old: bytes, new: bytes) -> Finding | None:
    """Put new bytes in the place of a file's old ones, whole or not at all; why that can't be done.

    A link stays one, and the file keeps its permissions. What somebody else has changed meanwhile
    is left as it is.
    """
    real = os.path.realpath(file)
    try:
        beside = write_beside(real, new, stat.S_IMODE(FilePath(real).stat().st_mode))
        try:
            if FilePath(real).read_bytes() != old:
                return changed_meanwhile(file)
            FilePath(beside).replace(real)
        finally:
            FilePath(beside).unlink(missing_ok=True)
    except OSError as error:
        message = f"can't be written: {error.strerror or type(error).__name__}"
        fix = "check your access to the file and its folder"
        return Finding("unwritable-file", "error", message, fix, source=Place(file))
    return None


def changed_meanwhile(file: str) -> Finding:
    """What to say of a file that is not any more what was read first."""
    message = "was changed by somebody else meanwhile, and is left as it is now"
    return Finding("file-changed", "error", message, "run it again", source=Place(file))


def _opened(file: str) -> BinaryIO:
    return open(0, "rb", closefd=False) if file == STDIN else FilePath(file).open("rb")


def _unreadable(file: str, error: OSError) -> Finding:
    reason = error.strerror or type(error).__name__
    fix = "check the name and your access to it"
    message = f"can't be read: {reason}"
    return Finding("unreadable-file", "error", message, fix, source=Place(file))


def leading_out(path: str) -> Finding | None:
    """What to say of a path that a link takes out of the repository; None where none does."""
    home = left_by(path)
    if home is None:
        return None
    message = f"is reached by a link that leads out of {home.as_posix()}"
    return Finding("link-outside", "error", message, FIXES["link-outside"], source=Place(path))
