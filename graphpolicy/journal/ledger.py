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
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunFailure(
                f"{self.file} can't be written: {error.strerror}; nothing more is sent",
                "make room or rights there, or name another place with --state-dir DIR",
            ) from error
