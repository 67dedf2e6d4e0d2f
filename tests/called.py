"""Calls the command in this process, which has loaded it, and is as one that was started for it."""

from __future__ import annotations

import gc
import importlib
import io
import logging
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO
from unittest.mock import patch

import pytest

from graphpolicy.cli import main
from graphpolicy.cli.context import Context
from graphpolicy.cli.signals import STOPPING
from graphpolicy.disk.folders import _tracked
from tests import warm

LONGEST = 180
"""Seconds after which what has not ended hangs: a busy machine may take many for what takes one."""


@contextmanager
def as_process(
    environment: Mapping[str, str], folder: Path, settings: Mapping[str, float], ahead: float
) -> Iterator[None]:
    """Give this process what `warm.run` gives to a process of its own, and no input."""
    here, often = Path.cwd(), gc.get_threshold()
    with (
        ExitStack() as last,
        Path(os.devnull).open(encoding="utf-8") as nothing,
        patch.object(sys, "stdin", nothing),
        patch.dict(os.environ, environment, clear=True),
        warnings.catch_warnings(),
        pytest.MonkeyPatch.context() as own,
    ):
        last.callback(time.tzset)  # after the environment is restored, in any case
        warnings.simplefilter("ignore", DeprecationWarning)  # as Python itself does
        for name, value in settings.items():
            module, _, constant = name.rpartition(".")
            own.setattr(importlib.import_module(module), constant, value)
        own.setattr(os, "fsync", lambda _: None)  # the disk need not be waited for
        if ahead:
            own.setattr(Context, "now", Context.now)  # so that it comes back
            warm.set_ahead(ahead)
        time.tzset()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)
            gc.set_threshold(*often)
            STOPPING.next = ""
            _tracked.cache_clear()


class Late(BaseException):
    """An exception that graphpolicy does not catch."""


@contextmanager
def ended(seconds: int) -> Iterator[None]:
    """Interrupt what has not ended in time."""

    def late(*_: object) -> None:
        raise Late(f"not ended after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def command(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run the command to its end; its exit code and what it wrote to stdout and stderr."""
    of_github = logging.getLogger("github").handlers
    if of_github:  # PyGithub keeps the stderr of its import
        of_github[:] = [logging._StderrHandler(0)]  # type: ignore[attr-defined]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with (
            redirect_stdout(io.TextIOWrapper(out, "utf-8")),
            redirect_stderr(io.TextIOWrapper(err, "utf-8")),
        ):
            with pytest.raises(SystemExit) as left, ended(LONGEST):
                main(list(arguments))
            kept = sys.stdout, sys.stderr  # once collected, they close the files
            for stream in kept:
                stream.flush()
        return int(left.value.code or 0), text(out), text(err)


def text(file: IO[bytes]) -> str:
    """All that is in a file."""
    file.seek(0)
    return file.read().decode("utf-8")
