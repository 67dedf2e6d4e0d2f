"""Records that grow: files of JSON lines for their owner only, without secrets.

One has helpdesk actions, one the numbers of people that a day affects, one those of waves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path as FilePath

from graphpolicy.disk.folders import state_folder
from graphpolicy.disk.json_text import records
from graphpolicy.disk.opening import append_record, read_record, way_out
from graphpolicy.journal.folder import RunError
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass

FILE = "helpdesk.jsonl"
IMPACT = "impact.jsonl"
ROLLOUTS = "rollouts.jsonl"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file in the state folder, `helpdesk.jsonl` by default. A line is synced when `add` returns.

    `common` is in every line: the tenant, who acts, the action, and the reason.
    """

    state_dir: str
    now: Callable[[], str]
    common: Mapping[str, Json]
    name: str = FILE

    @property
    def file(self) -> FilePath:
        return FilePath(self.state_dir, self.name)

    def add(self, event: str, **about: Json) -> None:
        """Add a line."""
        try:
            file = state_folder(self.state_dir) / self.name
            append_record(file, {"at": self.now(), "event": event, **self.common, **about})
        except OSError as error:
            raise RunError(
                f"{error.filename or self.file} can't be written: {error.strerror}",
                way_out(error, "free disk space or fix the permissions")
                + ", or choose another folder with --state-dir DIR",
            ) from error


def entries(state_dir: str, name: str = FILE) -> list[Mapping[str, Json]]:
    """The recorded lines, oldest first, without incomplete lines of a killed process."""
    try:
        text = read_record(FilePath(state_dir, name)).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{FilePath(state_dir, name)} can't be read: {error.strerror}") from error
    return list(records(text.splitlines()))
