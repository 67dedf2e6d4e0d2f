"""The two streams: results go to stdout, everything else goes to stderr."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import field, replace
from typing import TYPE_CHECKING, TextIO

import click

from graphpolicy.model.records import dataclass
from graphpolicy.render import Style, output_format, render
from graphpolicy.render.escape import contained, printable

if TYPE_CHECKING:
    from graphpolicy.model import Finding, Report

_KEPT = 4096
"""Characters of the current line to remember, since a command may be written in pieces."""

_CONTROL = re.compile(r"(?!\x1b\[[0-9;]*m)[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, except tabs, line feeds and colour codes."""


@dataclass(frozen=True, slots=True)
class Console:
    """What to print and how, decided once from flags and environment."""

    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    typed: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    """See `Style`. Messages need both to propose commands that work."""

    def colored(self, stream: TextIO) -> bool:
        """Whether to use colour on a stream.

        The first one that is set decides: `--color`, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE,
        TERM=dumb. Otherwise a terminal gets colour.
        """
        if self.color != "auto":
            return self.color == "always"
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR") or self.environment.get("CLICOLOR_FORCE"):
            return True
        return self.environment.get("TERM") != "dumb" and stream.isatty()

    def style(self, stream: TextIO) -> Style:
        import shutil

        return Style(
            self.colored(stream),
            shutil.get_terminal_size((80, 24)).columns,
            stream.isatty(),
            self.quiet,
            typed=self.typed,
            common=self.common,
        )

    def result(self, text: str, format_: str = "text") -> None:
        """Print a result to stdout. Only the format `github` has annotations: see `contained`."""
        write = sys.stdout.write
        if isinstance(sys.stdout, Guarded) and format_ == "github":
            write = sys.stdout.write_contained
        write(contained(text, format_))
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Print a message to stderr, unless --quiet."""
        if not self.quiet:
            _tell(f"{printable(text)}\n")

    def trace(self, text: str) -> None:
        """Print a line about a request to stderr, if --debug."""
        if self.debug:
            _tell(f"{printable(text)}\n")

    def warn(self, text: str) -> None:
        """Print a warning to stderr, even if --quiet."""
        _tell(f"warning: {printable(text)}\n")

    def problem(self, text: str, fix: str = "") -> None:
        """Print an error and what to do next to stderr, even if --quiet."""
        lead = click.style("error", fg="red", bold=True) if self.colored(sys.stderr) else "error"
        _tell(f"{lead}: {printable(text)}\n" + (f"  help: {printable(fix)}\n" if fix else ""))

    def tell(self, findings: Iterable[Finding]) -> None:
        """Print findings to stderr, without notes if --quiet."""
        from graphpolicy.render.findings import finding_lines, folded

        color = self.colored(sys.stderr)
        for finding in folded(findings, quiet=self.quiet):
            _tell("".join(f"{line}\n" for line in finding_lines(finding, color=color)))

    def write_file(self, name: str, text: str, format_: str = "text") -> None:
        """Write a result to a file, whole or not at all: UTF-8, the same line ends everywhere.

        The name `-` is stdout.

        Raises:
            OSError: the file can't be written.
        """
        from graphpolicy.disk.folders import refuse_left
        from graphpolicy.disk.opening import write_file

        if name == "-":
            self.result(text, format_)
            return
        refuse_left(name)
        write_file(name, contained(text, format_))
        self.say(f"wrote {name}")

    def write_new(self, name: str, text: str, format_: str = "text") -> None:
        """The same for a file that must not exist yet.

        Raises:
            OSError: the file exists, or can't be written.
        """
        from graphpolicy.disk.folders import refuse_left
        from graphpolicy.disk.opening import NewFile

        if name == "-":
            self.result(text, format_)
            return
        refuse_left(name)
        with NewFile(name) as file:
            file.write(contained(text, format_))
        self.say(f"wrote {name}")

    def report(
        self, report: Report, format_: str, outputs: Iterable[str], *, brief: bool = False
    ) -> int:
        """Write a report to stdout and to `-o` files; `brief` is for stdout. See `deliver`."""

        from graphpolicy.cli.origins import origin_of

        outputs = tuple(outputs)
        origin = origin_of(self.environment, format_, outputs)
        report = replace(report, origin=replace(origin, at=report.origin.at or origin.at))

        def show(format_: str, style: Style) -> str:
            return render(report, format_, style)

        if outputs and "-" not in outputs and format_ == "text":
            self._summary(report)
        elif format_ != "text":
            self._troubles(report)
        return self.deliver(show, format_, outputs, done=bool(report.results), brief=brief)

    def _summary(self, report: Report) -> None:
        """Print findings and counts of a report that goes to files only."""
        from graphpolicy.model import Failure
        from graphpolicy.render.phrases import counts, total

        several = len(report.plans) > 1
        for plan in report.plans:
            if isinstance(plan, Failure):
                continue
            self.tell(plan.findings)
            if not report.results.get(plan.tenant.id):
                lead = f"{plan.tenant.name}: " if several else ""
                self.say(f"{lead}{counts(plan, report.verb)}")
        self._troubles(report)
        if several:
            self.say(f"{len(report.plans)} tenants: {total(report)}")

    def _troubles(self, report: Report) -> None:
        """Print what a person must know of a report that goes to a machine."""
        from graphpolicy.model import Failure
        from graphpolicy.render.phrases import carried_out, keep_going, way_on

        help_ = way_on(report, self.typed)
        for plan in report.plans:
            name = plan.tenant.name
            if isinstance(plan, Failure):
                self.problem(f"{name}: {plan.message}", plan.help)
                continue
            if plan.refused and report.verb != "drift":
                self.problem(f"{name}: refused: {plan.refused}", help_)
            if plan.tenant.id in report.unsent:
                unsent = report.unsent[plan.tenant.id]
                self.problem(f"{name}: {unsent.why}", keep_going(report, self.typed))
            for result in report.results.get(plan.tenant.id, ()):
                if result.exit_code and result.outcome != "skipped":
                    self.problem(
                        f"{name}: {result.title} ended as {result.outcome}: {result.error}"
                    )
            if report.results.get(plan.tenant.id):
                self.say(f"{name}: {carried_out(plan, report, self.common)}")

    def show(
        self, result: object, format_: str, outputs: Iterable[str], *, done: bool = False
    ) -> int:
        """Write a result to stdout and to `-o` files. See `deliver`."""
        return self.deliver(
            lambda name, style: render(result, name, style), format_, outputs, done=done
        )

    def deliver(
        self,
        show: Callable[[str, Style], str],
        format_: str,
        outputs: Iterable[str],
        *,
        done: bool,
        brief: bool = False,
    ) -> int:
        """Write every `-o` file in the format of its suffix, and stdout in `format_`.

        With `-o` files, stdout gets only `-` or another format than text. If a file can't be
        written, the result goes to stdout as well. If something was `done` to a tenant and stdout
        is closed too, the result goes to stderr: it is never lost.

        Returns:
            1 if something was done and the result could not be written, else 0. A reader that
            closed the pipe is no error: it had what it wanted.

        Raises:
            Exit: a file could not be written, and nothing was done.
            OSError: the same for stdout.
        """
        from graphpolicy.cli.origins import placed

        outputs = tuple(outputs)
        failed = False
        for output in outputs:
            if output == "-":
                continue
            try:
                own = placed(Style(quiet=self.quiet), self.environment, output)
                format_of_file = output_format(output)
                self.write_file(output, show(format_of_file, own), format_of_file)
            except OSError as error:
                self.problem(*of_file(error))
                failed = True
        if not outputs or "-" in outputs or format_ != "text" or failed:
            style = replace(self.style(sys.stdout), brief=brief)
            try:
                self.result(show(format_, placed(style, self.environment)), format_)
            except OSError as error:
                if not done:
                    raise
                self.problem(f"stdout: {error.strerror or type(error).__name__}")
                give_up_stdout()
                _tell(show("text", replace(self.style(sys.stderr), brief=brief)))
                failed = failed or not isinstance(error, BrokenPipeError)
        if failed and not done:
            raise click.exceptions.Exit(1)
        return int(failed)


def of_file(error: OSError) -> tuple[str, str]:
    """The error about a file that can't be used, and what to do next."""
    name = error.filename or "stdout"
    return f"{name}: {error.strerror or type(error).__name__}", getattr(error, "help", "")


def _tell(text: str) -> None:
    """Print to stderr. If stderr is closed, that must not end an apply half-way."""
    with suppress(OSError):
        if sys.stderr.isatty():
            import shutil

            from graphpolicy.render.ansi import fitted

            text = fitted(text, shutil.get_terminal_size((80, 24)).columns)
        sys.stderr.write(text)
        sys.stderr.flush()


def give_up_stdout() -> None:
    """Discard what is still buffered for stdout, so that the process ends without an error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_replaced: list[TextIO] = []


class Guarded(io.TextIOWrapper):
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
    return Guarded(stream.buffer, encoding, "backslashreplace", None, *buffered)
