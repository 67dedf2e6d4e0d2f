"""What was done for people: one file of lines, readable by its owner alone, never with a secret."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath

from graphpolicy.journal.folder import BINARY, RunFailure
from graphpolicy.model import Json
from graphpolicy.records import dataclass

FILE = "helpdesk.jsonl"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines of `helpdesk.jsonl` below the state folder; a line is on disk when `add` returns.

    `common` stands in every line: the tenant, who acts, the action, and why.
    """

    state_dir: str
    now: Callable[[], str]
    common: Mapping[str, Json]

    @property
    def file(self) -> FilePath:
        return FilePath(self.state_dir, FILE)

    def add(self, event: str, **about: Json) -> None:
        """Add a line.

        Raises:
            RunFailure: it can't be written.
        """
        line = json.dumps({"at": self.now(), "event": event, **self.common, **about})
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | BINARY
        try:
            FilePath(self.state_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(self.file, flags, 0o600), "ab") as file:
                file.write(_torn(self.file) + line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunFailure(
                f"{self.file} can't be written: {error.strerror}; nothing more is sent",
                "make room or rights there, or name another place with --state-dir DIR",
            ) from error


def entries(state_dir: str) -> list[Mapping[str, Json]]:
    """What the journal says, oldest first; a line that was cut off by a kill is left out."""
    try:
        text = FilePath(state_dir, FILE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunFailure(f"{FilePath(state_dir, FILE)} can't be read: {error.strerror}") from error
    found = [_entry(line) for line in text.splitlines()]
    return [each for each in found if isinstance(each, Mapping)]


def _entry(line: str) -> Json:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _torn(file: FilePath) -> bytes:
    """What ends a line that a kill has cut off, so that the next one stands by itself."""
    with file.open("rb") as opened:
        if opened.seek(0, os.SEEK_END) == 0:
            return b""
        opened.seek(-1, os.SEEK_END)
        return b"" if opened.read(1) == b"\n" else b"\n"
