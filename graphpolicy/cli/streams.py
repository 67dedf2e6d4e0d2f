"""The streams of the process, prepared for every name and for the log of a job."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import TextIO

from graphpolicy.render.escape import contained

_KEPT = 4096
"""Characters of the current line to remember, since a command may be written in pieces."""

_CONTROL = re.compile(r"(?!\x1b\[[0-9;]*m)[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, except tabs, line feeds and colour codes."""


def give_up_stdout() -> None:
    """Discard what is still buffered for stdout, so that the process ends without an error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_replaced: list[TextIO] = []


class JobLogStream(io.TextIOWrapper):
    """A stream that may be a job's log: escapes what the job's agent would run as a command."""

    _line = ""
    """The current line so far, as it was written."""

    def write(self, text: str) -> int:
        """Write the text. A command may have begun in an earlier piece of the line."""
        if not self.isatty():
            text = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
        safe = contained(self._line + text)[len(self._line) :]
        self._line = (self._line + safe)[-_KEPT:]
        self._line = self._line[max(self._line.rfind("\n"), self._line.rfind("\r")) + 1 :]
        super().write(safe)
        return len(text)

    def write_contained(self, text: str) -> int:
        """Write whole lines that `contained` has escaped already, with their annotations."""
        return super().write(text)


def prepare_streams() -> None:
    """Make every name printable: in UTF-8, or as escapes in a terminal with another encoding.

    A stream that the shell has closed is replaced by the null device.
    """
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO) -> TextIO:
    if type(stream) is not io.TextIOWrapper:
        return stream  # replaced by a test
    _replaced.append(stream)  # once collected, it would close the buffer that both write to
    encoding = stream.encoding if stream.isatty() else "utf-8"
    buffered = stream.line_buffering, stream.write_through
    return JobLogStream(stream.buffer, encoding, "backslashreplace", None, *buffered)
