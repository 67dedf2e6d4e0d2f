"""Progress on stderr: a spinner at a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING

from graphpolicy.cli.console import Console
from graphpolicy.render.escape import printable

if TYPE_CHECKING:
    from rich.status import Status
    from rich.table import Table


STEPS = 10
"""How many lines to print about the progress if there is no terminal."""
SOON = 1.0
"""Seconds after which work on this machine shows a spinner, and a line may be repeated."""


class Progress:
    """Shows the progress; verbs call it as `progress(text)`."""

    def __init__(self, console: Console, status: Status | None) -> None:
        self.console = console
        self.status = status
        self._bar: Table | None = None
        self._step = self._answers = 0
        self._said = False
        self._last, self._at = "", 0.0

    def __call__(self, text: str) -> None:
        self._said = True
        if self.status is None:
            now = monotonic()
            if text != self._last or now - self._at > SOON:  # simultaneous requests say the same
                self.console.say(text)
            self._last, self._at = text, now
        else:
            from rich.console import Group
            from rich.text import Text

            words = Text(printable(text))
            self.status.update(Group(self._bar, words) if self._bar else words)
            self.status.start()

    def answered(self) -> None:
        """Count an answer of Graph: shown at a terminal as long as nothing else was said."""
        self._answers += 1
        if self.status is not None and not self._said:
            so_far = "1 answer" if self._answers == 1 else f"{self._answers:,} answers"
            self.status.update(f"reading the tenant: {so_far} so far")

    def count(self, done: int, total: int, words: str) -> None:
        """Show that `done` of `total` are done: a bar at a terminal, else at most `STEPS` lines."""
        if total <= 1:
            return
        self._said = True
        text, step = f"{done:,} of {total:,} {words}", done * STEPS // total
        if self.status is not None:
            self._bar = _bar(done, total, text) if done < total else None
            self.status.update(self._bar or text)
            self.status.start()
        elif step > self._step:
            self.console.say(text)
        self._step = step if done < total else 0

    def ask(self, text: str) -> None:
        """Say what a person must do now, even if --quiet; the line stays."""
        self.pause()
        self.console.ask(text)

    def pause(self) -> None:
        """Stop the spinner for a question; the next text starts it again."""
        if self.status is not None:
            self.status.stop()


def _bar(done: int, total: int, text: str) -> Table:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    row = Table.grid(padding=(0, 1))
    row.add_row(ProgressBar(total=total, completed=done, width=30), text)
    return row


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """A spinner at a terminal; lines elsewhere, in CI, and with --quiet or --debug."""
    if not _watched(console):
        yield Progress(console, None)
        return
    status = _spinner(console, "connecting")
    try:
        yield Progress(console, status)
    finally:
        status.stop()


@contextmanager
def waiting(console: Console, words: str) -> Iterator[None]:
    """A spinner at a terminal once it takes a second, for work on this machine alone."""
    if not _watched(console):
        yield
        return
    shown: list[Status] = []
    timer = Timer(SOON, lambda: shown.append(_spinner(console, words)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()


def _watched(console: Console) -> bool:
    watched = sys.stderr.isatty() and not console.environment.get("CI")
    return watched and not (console.quiet or console.debug)


def _spinner(console: Console, words: str) -> Status:
    from rich.console import Console as RichConsole

    rich = RichConsole(stderr=True, no_color=not console.colored(sys.stderr), highlight=False)
    status = rich.status(words)
    status.start()
    return status
