"""The entry point: turns every exception into an exit code and a message."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from graphpolicy.cli.console import Console, of_file
from graphpolicy.cli.signals import STOPPING
from graphpolicy.cli.streams import give_up_stdout, prepare_streams
from graphpolicy.cli.verbs import cli
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.render.escape import printable

EXTRAS = {"starlette": "mock", "uvicorn": "mock", "github": "github"}
"""Packages that only an extra installs, and its name."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    gc.set_threshold(100_000)  # else it walks all modules again and again while they load
    prepare_streams()
    if "_GRAPHPOLICY_COMPLETE" in os.environ:
        import graphpolicy.cli.completion  # noqa: F401 - click learns of PowerShell
    debug = "--debug" in (sys.argv if arguments is None else arguments)
    try:
        code = cli.main(
            arguments,
            prog_name="graphpolicy",
            standalone_mode=False,
            obj=tuple(sys.argv[1:] if arguments is None else arguments),
        )
    except click.UsageError as error:
        words = "\n".join(map(printable, error.message.split("\n")))
        object.__setattr__(error, "message", words)
        error.show()
        code = Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted()
    except BrokenPipeError:
        give_up_stdout()
        code = Exit.FAILED
    except GraphPolicyError as error:
        Console().problem(error.text, error.help)
        code = error.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches users
        code = _unexpected(error, debug=debug)
    sys.exit(code if isinstance(code, int) else Exit.DONE)


def _interrupted() -> int:
    Console().problem(STOPPING.word, STOPPING.next)
    return STOPPING.code


def _unexpected(error: Exception, *, debug: bool) -> int:
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
        extra = EXTRAS[error.name]
        Console().problem(
            f"this verb needs {error.name}, which is not installed",
            f"pip install 'graphpolicy[{extra}]'",
        )
        return Exit.FAILED
    if isinstance(error, OSError):
        if error.filename is None:  # a stream, so what is buffered can't be written either
            give_up_stdout()
        Console().problem(*of_file(error))
        return Exit.FAILED
    if STOPPING.asked:  # the signal caused it
        return _interrupted()
    from graphpolicy.graph.failures import clean

    Console().problem(
        f"internal error: {type(error).__name__}: {clean(str(error))}",
        "run it again with --debug and report what it prints",
    )
    if debug:
        import traceback

        traceback.print_exception(error)
    return Exit.FAILED
