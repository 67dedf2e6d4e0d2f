"""An append-only file with one JSON object per line; each line is synced at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path as FilePath

from graphpolicy.disk.folders import sync_entry
from graphpolicy.disk.opening import open_record, read_record, store
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The file, readable by its owner only. Its folder must exist."""

    file: FilePath

    def append(self, event: Mapping[str, Json]) -> None:
        """Add a line and sync it, even after an incomplete line.

        Raises:
            OSError: it can't be written, or the file is not safe to write to.
        """
        descriptor, fresh = open_record(self.file)
        torn = b"" if fresh or _ends_whole(descriptor) else b"\n"
        store(descriptor, torn + json.dumps(event).encode() + b"\n")
        if fresh:
            sync_entry(self.file.parent)

    def read(self) -> bytes:
        """The whole file.

        Raises:
            OSError: it can't be read, or it is a link.
        """
        return read_record(self.file)


def _ends_whole(descriptor: int) -> bool:
    """Whether a file ends with a complete line; a killed process may leave an incomplete one."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(end - 1, 0), os.SEEK_SET)
    return os.read(descriptor, 1) in (b"", b"\n")
