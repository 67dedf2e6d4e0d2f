"""SIGINT and SIGTERM: at any moment the process ends in order, with a message and the right code.

What a signal does depends on what is under way. Usually it ends the command at once. During
requests to Graph it cancels them, so that the command can report what was sent. While a run that
wrote is reported, the signal waits. A second signal ends the process immediately.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    import asyncio

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
PASSED_ON = 1.0
"""Seconds within which a second signal is the first one again, passed on by a parent process."""


class Stopping:
    """Which signal has come, and what a signal does now."""

    def __init__(self) -> None:
        self.asked: int = 0
        """The first signal that came; 0 if there was none."""
        self.next = ""
        """What the user does after a stop; '' if nothing can have been written."""
        self._since = 0.0
        self._does: Callable[[], object] = _interrupt

    @property
    def word(self) -> str:
        """How the command ended."""
        return WORDS.get(signal.Signals(self.asked or signal.SIGINT), "stopped")

    @property
    def code(self) -> int:
        """The exit code: 143 after SIGTERM; else 130, also if a person left a question."""
        return 128 + (self.asked or signal.SIGINT)

    def listen(self) -> None:
        """Handle both signals, unless a shell made a background job ignore them."""
        for each in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(each) != signal.SIG_IGN:
                signal.signal(each, self._come)
        sys.unraisablehook = self._passed_over

    def _passed_over(self, problem: sys.UnraisableHookArgs) -> None:
        """Python ignores a KeyboardInterrupt in a callback, and each import has callbacks."""
        if self.asked and isinstance(problem.exc_value, KeyboardInterrupt):
            self._leave()
        sys.__unraisablehook__(problem)

    def _come(self, number: int, _frame: object) -> None:
        if not self.asked:
            self.asked, self._since = number, time.monotonic()
            self._does()
        elif time.monotonic() - self._since >= PASSED_ON:
            self._leave()

    def _leave(self) -> NoReturn:
        """End the process at once: the next command needs only what is on disk."""
        with suppress(OSError):
            os.write(2, f"\nerror: {self.word}\n".encode())
        os._exit(self.code)

    @contextmanager
    def held(self, next_: str) -> Iterator[None]:
        """Finish the block before a stop: what was written to a tenant must be reported.

        `next_` tells the user what to do after that.
        """
        self.next = next_
        with self._while(lambda: None):
            yield
        self.stop_if_asked()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Let a signal end a question at once; the event loop would only cancel its task later."""
        with self._while(_interrupt):
            yield

    @contextmanager
    def cancelling(self, task: asyncio.Task[object] | None) -> Iterator[None]:
        """Let a signal cancel a task, which can then report what it has done."""
        here = True

        def cancel() -> None:
            if here and task:
                task.cancel()

        with self._while(lambda: task and task.get_loop().call_soon_threadsafe(cancel)):
            try:
                yield
            finally:
                here = False

    @contextmanager
    def _while(self, does: Callable[[], object]) -> Iterator[None]:
        self.stop_if_asked()
        before, self._does = self._does, does
        try:
            yield
        finally:
            self._does = before

    def stop_if_asked(self) -> None:
        """Raise KeyboardInterrupt if a signal has come."""
        if self.asked:
            _interrupt()

    def ending(self) -> None:
        """All is done: from here on a signal ends the process at once."""
        self._does = self._leave

    def end(self, code: int) -> NoReturn:
        """Flush both streams, and end the process before anything else can happen to it."""
        self.ending()
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except (OSError, ValueError):
                code = code or Exit.FAILED
        if self.asked and code != self.code:
            self._leave()
        os._exit(code)


def _interrupt() -> None:
    raise KeyboardInterrupt


STOPPING = Stopping()
"""The signals of this process."""
