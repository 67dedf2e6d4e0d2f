"""Progress on stderr: a spinner at a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphpolicy.cli.console import Console
from graphpolicy.render.escape import printable

if TYPE_CHECKING:
    from rich.status import Status


class Progress:
    """Says what is going on; safe to call from the verbs as `progress(text)`."""

    def __init__(self, console: Console, status: Status | None) -> None:
        self.console = console
        self.status = status

    def __call__(self, text: str) -> None:
        if self.status is None:
            self.console.say(text)
        else:
            from rich.text import Text

            self.status.update(Text(printable(text)))
            self.status.start()

    def pause(self) -> None:
        """Make room for a question; the next word starts the spinner again."""
        if self.status is not None:
            self.status.stop()


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """A spinner where a person watches and nothing records it, lines otherwise."""
    watched = sys.stderr.isatty() and not console.environment.get("CI")
    if not watched or console.quiet or console.debug:
        yield Progress(console, None)
        return
    from rich.console import Console as RichConsole

    rich = RichConsole(stderr=True, no_color=not console.colored(sys.stderr), highlight=False)
    status = rich.status("connecting")
    status.start()
    try:
        yield Progress(console, status)
    finally:
        status.stop()
