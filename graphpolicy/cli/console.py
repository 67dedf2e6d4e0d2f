"""The two streams: results go to stdout, everything else goes to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import field, replace
from typing import TYPE_CHECKING, TextIO

import click

from graphpolicy.cli.streams import JobLogStream, give_up_stdout
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.render import LOGS, Style, output_format, render
from graphpolicy.render.escape import contained, printable

if TYPE_CHECKING:
    from graphpolicy.model import Failure, Finding
    from graphpolicy.model.planned import VerbResult
    from graphpolicy.plan.verdict import Report


@dataclass(frozen=True, slots=True)
class Console:
    """What to print and how, decided once from flags and environment."""

    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    format: str = "text"
    """Format of the result on stdout."""
    outputs: tuple[str, ...] = ()
    """Files for the result; `-` is stdout."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    typed: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    """See `Style`. Messages need both to propose commands that work."""

    @property
    def formats(self) -> frozenset[str]:
        """All formats that the result is written in."""
        return frozenset({self.format, *(output_format(one) for one in self.outputs if one != "-")})

    @property
    def text_alone(self) -> bool:
        """Whether the result goes only to stdout, as text for a person."""
        return self.format == "text" and {*self.outputs} <= {"-"}

    @property
    def files_only(self) -> bool:
        """Whether stdout stays empty, because the result goes to files."""
        return bool(self.outputs) and "-" not in self.outputs and self.format == "text"

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
        if isinstance(sys.stdout, JobLogStream) and format_ == "github":
            write = sys.stdout.write_contained
        write(contained(text, format_))
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Print a message to stderr, unless --quiet."""
        if not self.quiet:
            _tell(f"{printable(text)}\n")

    def ask(self, text: str) -> None:
        """Print what a person must do now to stderr, even if --quiet."""
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

    def failed(self, failure: Failure) -> None:
        """Print why a tenant could not be read or planned."""
        self.problem(f"{failure.tenant.name}: {failure.message}", failure.help)

    def tell(self, findings: Iterable[Finding]) -> None:
        """Print findings to stderr, without notes if --quiet."""
        from graphpolicy.render.findings import finding_lines, folded

        color = self.colored(sys.stderr)
        for finding in folded(findings, quiet=self.quiet):
            _tell("".join(f"{line}\n" for line in finding_lines(finding, color=color)))

    def write_file(self, name: str, text: str, format_: str = "text", *, new: bool = False) -> None:
        """Write a result to a file, whole or not at all: UTF-8, the same line ends everywhere.

        The name `-` is stdout. A `new` file must not exist yet.
        """
        from graphpolicy.disk.folders import refuse_left
        from graphpolicy.disk.opening import NewFile
        from graphpolicy.disk.output_files import write_file

        if name == "-":
            self.result(text, format_)
            return
        refuse_left(name)
        if new:
            with NewFile(name) as file:
                file.write(contained(text, format_))
        else:
            write_file(name, contained(text, format_))
        self.say(f"wrote {name}")

    def report(self, report: Report, *, brief: bool = False) -> int:
        """Write a report to stdout and to `-o` files; `brief` is for stdout. See `show`."""
        from graphpolicy.cli.origins import origin_of

        origin = origin_of(self.environment, self.formats)
        report = replace(report, origin=replace(origin, at=report.origin.at or origin.at))
        if self.files_only:
            self._summary(report)
        elif self.format != "text":
            self._troubles(report)
        return self.show(report, done=bool(report.results), brief=brief)

    def answer(self, result: VerbResult, *, told: bool = False, done: bool = False) -> int:
        """Write a result; returns its exit code, or what `show` returns.

        Unless stdout is text or the annotations of a job, the tenants that could not be read are
        named on stderr, too. If the result goes to files only, so are its findings and its verdict.
        `told` says that the verb prints findings and failures itself.
        """
        if not told and (self.files_only or self.format not in LOGS):
            for failure in result.failures:
                self.failed(failure)
            level = ("error", "warning") if self.files_only else ("error",)
            self.tell(found for found in result.findings if found.level in level)
        if self.files_only and result.verdict:
            self.say(result.verdict)
        failed = self.show(result, done=done)
        return result.exit_code or failed

    def _summary(self, report: Report) -> None:
        """Print findings and counts of a report that goes to files only."""
        from graphpolicy.model import Failure
        from graphpolicy.plan.tally import counts

        several = len(report.plans) > 1
        for plan in report.plans:
            if isinstance(plan, Failure):
                continue
            self.tell(plan.findings)
            if not report.results.get(plan.tenant.id):
                lead = f"{plan.tenant.name}: " if several else ""
                self.say(f"{lead}{counts((plan,), report.verb)}")
        self._troubles(report)
        if several:
            self.say(f"{len(report.plans)} tenants: {report.verdict}")

    def _troubles(self, report: Report) -> None:
        """Print what a person must know of a report that goes to a machine."""
        from graphpolicy.model import Failure
        from graphpolicy.render.phrases import carried_out, go_on, way_on

        help_ = way_on(report, self.typed)
        for plan in report.plans:
            name = plan.tenant.name
            if isinstance(plan, Failure):
                self.failed(plan)
                continue
            if plan.refused and report.verb != "drift":
                self.problem(f"{name}: refused: {plan.refused}", help_)
            if plan.tenant.id in report.unsent:
                unsent = report.unsent[plan.tenant.id]
                self.problem(f"{name}: {unsent.why}", go_on(report, self.typed))
            for result in report.results.get(plan.tenant.id, ()):
                if result.exit_code and result.outcome != "skipped":
                    self.problem(
                        f"{name}: {result.title} ended as {result.outcome}: {result.error}"
                    )
            if report.results.get(plan.tenant.id):
                self.say(f"{name}: {carried_out(plan, report, self.common)}")

    def show(self, result: VerbResult, *, done: bool = False, brief: bool = False) -> int:
        """Write every `-o` file in the format of its suffix, and stdout in `format`.

        With `-o` files, stdout gets only the file `-`, or a format other than text. If a file can't
        be written, the result goes to stdout as well. If something was `done` to a tenant and
        stdout is closed too, the result goes to stderr: it is never lost.

        Returns:
            1 if something was done and the result could not be written, else 0. It is not an error
            if the reader closed the pipe: it had what it wanted.

        Raises:
            Exit: a file could not be written, and nothing was done.
            OSError: the same for stdout.
        """
        from graphpolicy.cli.origins import placed

        failed = not self.write_outputs(result)
        if not self.outputs or "-" in self.outputs or self.format != "text" or failed:
            style = replace(self.style(sys.stdout), brief=brief)
            try:
                shown = render(result, self.format, placed(style, self.environment))
                self.result(shown, self.format)
            except OSError as error:
                if not done:
                    raise
                self.problem(f"stdout: {error.strerror or type(error).__name__}")
                give_up_stdout()
                _tell(render(result, "text", replace(self.style(sys.stderr), brief=brief)))
                failed = failed or not isinstance(error, BrokenPipeError)
        if failed and not done:
            raise click.exceptions.Exit(Exit.FAILED)
        return Exit.FAILED if failed else Exit.DONE

    def write_outputs(self, result: VerbResult) -> bool:
        """Write every `-o` file in the format of its suffix; whether all could be written."""
        from graphpolicy.cli.origins import placed

        written = True
        for output in self.outputs:
            if output == "-":
                continue
            try:
                own = placed(Style(quiet=self.quiet), self.environment, output)
                format_ = output_format(output)
                self.write_file(output, render(result, format_, own), format_)
            except OSError as error:
                self.problem(*of_file(error))
                written = False
        return written


def of_file(error: OSError) -> tuple[str, str]:
    """The error about a file that can't be used, and what to do next."""
    from graphpolicy.disk.opening import way_out

    name = error.filename or "stdout"
    return f"{name}: {error.strerror or type(error).__name__}", way_out(error)


def _tell(text: str) -> None:
    """Print to stderr. If stderr is closed, that must not end an apply half-way."""
    with suppress(OSError):
        if sys.stderr.isatty():
            import shutil

            from graphpolicy.render.ansi import fitted

            text = fitted(text, shutil.get_terminal_size((80, 24)).columns)
        sys.stderr.write(text)
        sys.stderr.flush()
