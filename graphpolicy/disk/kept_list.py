"""A list that is kept on disk for a while, page by page, for its owner alone.

A line is a page. It begins with a digest of itself and of all lines before it, so that a list that
is incomplete, damaged or mixed is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path as FilePath
from urllib.parse import urlsplit

from graphpolicy.disk.folders import own_folder
from graphpolicy.disk.opening import open_record, own
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass

FORMAT = "1"
SUFFIX = ".pages"
DIGITS = 64


@dataclass(frozen=True, slots=True)
class KeptPages:
    """What a file holds: its whole lines end at `size`; `following` is "" if nothing follows."""

    begun: datetime
    size: int
    digest: str
    following: str


class KeptList:
    """One list on disk, for this process alone until `opened` is closed.

    Raises:
        OSError: it can't be used, or another process uses it.
    """

    def __init__(
        self,
        opened: ExitStack,
        folder: FilePath,
        key: str,
        where: str,
        tell: Callable[[str], None],
    ) -> None:
        from filelock import FileLock, Timeout

        self.path = folder / f"{key}{SUFFIX}"
        self.where = where.partition("?")[0]
        self._tell = tell
        self._digest = ""
        self._keeps = True
        own_folder(folder.parent)
        own_folder(folder)
        lock = folder / f"{key}.lock"
        with suppress(FileNotFoundError):
            own(lock)  # filelock would follow a link and truncate its target
        try:
            opened.enter_context(FileLock(lock, timeout=0, mode=0o600))
        except Timeout as error:
            raise OSError(0, "another process is reading this list", str(self.path)) from error
        descriptor, _ = open_record(self.path)
        self._file = opened.enter_context(os.fdopen(descriptor, "r+b"))

    def checked(self, today: datetime, seconds: float) -> KeptPages | None:
        """What may be used of the file: None if it is empty, damaged, or too old."""
        try:
            found = self._checked(today, seconds)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._tell(f"{self.path} is damaged: the list is read again")
            return None
        except OSError as error:
            self._tell(f"{self.path} can't be read: {error.strerror}: the list is read again")
            return None
        if found:
            self._digest = found.digest
        return found

    def _checked(self, today: datetime, seconds: float) -> KeptPages | None:
        self._file.seek(0)
        head = self._file.readline()
        if not head.endswith(b"\n"):
            return None
        digest, size, last = _verified("", head), len(head), b""
        said = _content(head)
        begun = datetime.fromisoformat(said["begun"])
        until = min(datetime.fromisoformat(said["until"]), begun + timedelta(seconds=seconds))
        if said["format"] != FORMAT or not begun <= today < until:
            return None
        for line in self._file:
            if not line.endswith(b"\n"):
                break  # the process was killed while it wrote this page
            digest, size, last = _verified(digest, line), size + len(line), line
        if not last:
            return None
        following = _content(last)["following"] or ""
        if following and urlsplit(following).path.rpartition(self.where)[1:] != (self.where, ""):
            raise ValueError(following)
        return KeptPages(begun, size, digest, following)

    def entries(self, found: KeptPages) -> Iterator[list[Json]]:
        """The pages on disk, which `checked` has found whole."""
        self._file.truncate(found.size)
        self._file.seek(0)
        self._file.readline()
        for line in self._file:
            yield _content(line)["entries"]

    def begin(self, today: datetime, seconds: float) -> None:
        """Empty the file, and write when it was begun and when it expires."""
        self._digest = ""
        until = today + timedelta(seconds=seconds)
        head = {"format": FORMAT, "begun": today.isoformat(), "until": until.isoformat()}
        self._write({**head, "list": self.where}, begins=True)

    def add(self, entries: list[Json], following: str | None) -> None:
        """Keep a page. If it can't be written, the list is no longer kept."""
        self._write({"entries": entries, "following": following})

    def _write(self, content: Json, *, begins: bool = False) -> None:
        if not self._keeps:
            return
        text = json.dumps(content, separators=(",", ":")).encode()
        self._digest = _digest(self._digest, text)
        try:
            if begins:
                self._file.truncate(0)
            self._file.seek(0, os.SEEK_END)
            self._file.write(self._digest.encode() + b" " + text + b"\n")
            self._file.flush()
        except OSError as error:
            self._keeps = False
            self._tell(f"the list is not kept: {self.path}: {error.strerror}")
            with suppress(OSError):
                self._file.truncate(0)


def _digest(before: str, text: bytes) -> str:
    return hashlib.sha256(before.encode() + text).hexdigest()


def _verified(before: str, line: bytes) -> str:
    """The digest of a line and of those before it; ValueError if the line has a different one."""
    said, text = line[:DIGITS].decode("ascii"), line[DIGITS + 1 : -1]
    if _digest(before, text) != said:
        raise ValueError("the digest of a page differs")
    return said


def _content(line: bytes) -> Json:
    return json.loads(line[DIGITS + 1 :])


def over(path: FilePath, today: datetime) -> bool:
    """Whether a kept list has expired; a damaged one has.

    Raises:
        OSError: it can't be read, or is not ours.
    """
    own(path)
    try:
        with path.open("rb") as file:
            until = datetime.fromisoformat(_content(file.readline())["until"])
        return not today < until
    except (ValueError, KeyError, TypeError):
        return True
