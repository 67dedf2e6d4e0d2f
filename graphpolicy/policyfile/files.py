"""The policy files under a path, and their bytes. The path - is standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath

from graphpolicy.disk.folders import left_by, repository
from graphpolicy.disk.output_files import write_beside
from graphpolicy.model import Finding, Level, Place

STDIN = "-"
SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 1 << 20
"""More than any policy needs: Microsoft's own limit for the policy is a fraction of it."""


class Files:
    """The policy files under some paths, each once, in order, and what went wrong."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.folders: list[str] = []
        self.homes: dict[str, FilePath] = {}
        """By file: the folder that its bases must be in, its repository or the given folder."""
        self.findings: list[Finding] = []
        self._seen: set[str] = set()

    def add(self, path: str) -> None:
        """Add a file as it is named, or every policy file below a folder.

        Hidden files and folders are skipped. Links, also those on the way to the path, must stay
        inside the repository, so that a pull request can't make messages quote other files of the
        machine.
        """
        if path != STDIN and (outside := leading_out(path)):
            self.findings.append(outside)
            return
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib raises where access is denied
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
            self._complain("no-policy-file", path, "contains no policy file (*.yaml, *.yml)")

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
                # Path.resolve raises where links form a cycle.
                real = FilePath(os.path.realpath(file))
                if file.is_symlink() and not real.is_relative_to(home):
                    message = f"is a link that points outside {home.as_posix()}"
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
    "link-not-followed": "name the folder itself, or link the files one by one",
    "link-outside": "replace the link with the file or folder itself",
    "missing-file": "name a policy file or a folder; the default is policies/ here or in a "
    "folder above, inside the repository",
    "no-policy-file": "add a policy file, or name another folder",
}


def read_bytes(file: str) -> bytes | Finding:
    """The bytes of a file, or a finding that says why it can't be read."""
    try:
        stdin = file == STDIN
        with open(0, "rb", closefd=False) if stdin else FilePath(file).open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(file, error)
    if len(raw) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES // 1024} KiB, the limit for a policy file"
        fix = "check that it is a policy file, or split it"
        return Finding("file-too-large", "error", message, fix, source=Place(file))
    return raw


def replace_bytes(file: str, old: bytes, new: bytes) -> Finding | None:
    """Replace the content of a file atomically; a finding says why if that can't be done.

    A link stays a link, and the file keeps its permissions. If the file no longer holds `old`, it
    is left alone.
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
    """The finding about a file that no longer is what was read first."""
    message = "was changed by someone else in the meantime, so it was not written"
    return Finding("file-changed", "error", message, "run the command again", source=Place(file))


def _unreadable(file: str, error: OSError) -> Finding:
    reason = error.strerror or type(error).__name__
    fix = "check the name and your permission to read it"
    message = f"can't be read: {reason}"
    return Finding("unreadable-file", "error", message, fix, source=Place(file))


def leading_out(path: str) -> Finding | None:
    """The finding about a path that a link takes outside the repository, else None."""
    home = left_by(path)
    if home is None:
        return None
    message = f"is reached through a link that points outside {home.as_posix()}"
    return Finding("link-outside", "error", message, FIXES["link-outside"], source=Place(path))
