"""The command line: flags, streams and exit codes; the only room that prints or asks.

A verb is a function in one of these modules and a row in `verbs.VERBS`. What it does is done in
`commands/`, imported when it runs.

This module imports nothing, so that `main` listens to signals before anything else takes time.
"""

from __future__ import annotations

__all__ = ["main"]


def main(arguments: list[str] | tuple[str, ...] | None = None) -> None:
    """Run the command line and exit.

    Without `arguments` this is the whole process: signals are listened to before anything is
    imported, and until the last byte is out.
    """
    if arguments is not None:
        from graphpolicy.cli.entry_point import main as run

        run(arguments)
    _leave_on_signals()
    from graphpolicy.cli.entry_point import main as run
    from graphpolicy.cli.signals import STOPPING

    code = 0
    try:
        STOPPING.listen()
        try:
            run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        STOPPING.ending()
    except KeyboardInterrupt:
        pass  # between two lines of the above: the word is said at the end
    STOPPING.end(code)


def _leave_on_signals() -> None:
    """Let SIGINT and SIGTERM end the process at once, with a word, while modules are loaded."""
    import os
    import signal

    def leave(number: int, _frame: object) -> None:
        os.write(2, b"error: interrupted\n" if number == signal.SIGINT else b"error: terminated\n")
        os._exit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, leave)
