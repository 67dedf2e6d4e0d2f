"""The two streams: results on stdout, everything else on stderr. The only printer besides cli."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, TextIO

import click

from graphpolicy.records import dataclass
from graphpolicy.render import SUFFIXES, Style, render, render_findings
from graphpolicy.render.escape import printable

if TYPE_CHECKING:
    from graphpolicy.model import Finding, Report


@dataclass(frozen=True, slots=True)
class Console:
    """How and whether to talk, decided once from flags and environment."""

    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def colored(self, stream: TextIO) -> bool:
        """`--color`, then NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE, TERM=dumb, then a terminal."""
        if self.color != "auto":
            return self.color == "always"
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR") or self.environment.get("CLICOLOR_FORCE"):
            return True
        return self.environment.get("TERM") != "dumb" and stream.isatty()

    def style(self, stream: TextIO) -> Style:
        import shutil

        return Style(self.colored(stream), shutil.get_terminal_size((80, 24)).columns)

    def result(self, text: str) -> None:
        """What was asked for, on stdout."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """A word to the person at the terminal, on stderr."""
        if not self.quiet:
            sys.stderr.write(f"{printable(text)}\n")
            sys.stderr.flush()

    def trace(self, text: str) -> None:
        """One line a request, with --debug."""
        if self.debug:
            sys.stderr.write(f"{printable(text)}\n")

    def problem(self, text: str, fix: str = "") -> None:
        """What went wrong and what to do next, on stderr; never silenced."""
        lead = click.style("error", fg="red", bold=True) if self.colored(sys.stderr) else "error"
        sys.stderr.write(f"{lead}: {printable(text)}\n")
        if fix:
            sys.stderr.write(f"  help: {printable(fix)}\n")
        sys.stderr.flush()

    def write_file(self, name: str, text: str) -> None:
        """A result in a file: UTF-8, and the same line ends everywhere; `-` is stdout."""
        from pathlib import Path

        if name == "-":
            self.result(text)
            return
        Path(name).write_text(text, encoding="utf-8", newline="\n")
        self.say(f"wrote {name}")

    def report(
        self, report: Report, format_: str, outputs: Iterable[str], *, brief: bool = False
    ) -> None:
        """A report to stdout and to `-o` files; `brief` is for stdout. See `deliver`."""

        def show(format_: str, style: Style) -> str:
            return render(report, format_, style)

        self.deliver(show, format_, outputs, replace(self.style(sys.stdout), brief=brief))

    def findings(
        self,
        items: Sequence[Finding],
        files: Sequence[str],
        format_: str,
        outputs: Iterable[str],
    ) -> None:
        """What is wrong with some files, to stdout and to `-o` files. See `deliver`."""
        from pathlib import Path

        from graphpolicy.policyfile.files import repository

        def show(format_: str, style: Style) -> str:
            placed = replace(style, folder=str(here), repository=str(repository(here)))
            return render_findings(items, files, format_, placed)

        here = Path.cwd()
        self.deliver(show, format_, outputs, self.style(sys.stdout))

    def deliver(
        self, show: Callable[[str, Style], str], format_: str, outputs: Iterable[str], style: Style
    ) -> None:
        """Write every `-o` file in the format of its suffix; the rest goes to stdout.

        Where a file can't be written the result goes to stdout as well: what an apply did is never
        lost.

        Raises:
            OSError: a file could not be written.
        """
        outputs = tuple(outputs)
        failed: OSError | None = None
        for output in outputs:
            if output != "-":
                try:
                    self.write_file(output, show(output_format(output), Style()))
                except OSError as error:
                    failed = error
        if not outputs or "-" in outputs or format_ != "text" or failed:
            self.result(show(format_, style))
        if failed:
            raise failed


def output_format(output: str) -> str:
    """The format that a file's suffix stands for; one of `SUFFIXES`, as the flag has checked."""
    return SUFFIXES[f".{output.rpartition('.')[2].lower()}"]


def prepare_streams() -> None:
    """Make every name printable: UTF-8 where no terminal says otherwise, escapes where it does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
