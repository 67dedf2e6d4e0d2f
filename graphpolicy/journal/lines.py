"""A file of records: one JSON object a line, only ever appended to, each line on disk at once."""

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
    """The file, its owner's alone. Its folder is there already."""

    file: FilePath

    def append(self, event: Mapping[str, Json]) -> None:
        """Add a line, also after one that was cut off; it is on disk when this returns.

        Raises:
            OSError: it can't be written, or what lies there is not safe to write to.
        """
        descriptor, fresh = open_record(self.file)
        torn = b"" if fresh or _ends_whole(descriptor) else b"\n"
        store(descriptor, torn + json.dumps(event).encode() + b"\n")
        if fresh:
            sync_entry(self.file.parent)

    def read(self) -> bytes:
        """All of its lines.

        Raises:
            OSError: it can't be read, or it is a link.
        """
        return read_record(self.file)


def _ends_whole(descriptor: int) -> bool:
    """Whether a file ends with a line, and not within one as a killed process leaves it."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(end - 1, 0), os.SEEK_SET)
    return os.read(descriptor, 1) in (b"", b"\n")
