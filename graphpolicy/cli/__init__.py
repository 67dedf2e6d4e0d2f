"""The command line: flags, streams and exit codes. The only package that prints or prompts.

Each verb is a function in a module here and a row in `verbs.VERBS`. The work is done in
`commands/`, which is imported when the verb runs.

This module imports nothing, so that `main` handles signals before anything else takes time.
"""

from __future__ import annotations

__all__ = ["main"]


def main(arguments: list[str] | tuple[str, ...] | None = None) -> None:
    """Run the command line and exit.

    Without `arguments` this is the whole process: signals are handled from before the first import
    until the last byte is written.
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
        pass  # a signal between two of the lines above: STOPPING.end reports it
    STOPPING.end(code)


def _leave_on_signals() -> None:
    """Let SIGINT and SIGTERM end the process at once, with a message, while modules load."""
    import os
    import signal

    def leave(number: int, _frame: object) -> None:
        os.write(2, b"error: interrupted\n" if number == signal.SIGINT else b"error: terminated\n")
        os._exit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, leave)
