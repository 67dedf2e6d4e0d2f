"""Plans of many tenants, each written as soon as it is made, and one page for all of them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.options import Context, format_options, verb_options
from graphpolicy.model.errors import UsageError
from graphpolicy.render import output_format
from graphpolicy.render.escape import contained

if TYPE_CHECKING:
    from graphpolicy.cli.console import Console
    from graphpolicy.cli.progress import Progress
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired
    from graphpolicy.plan.fleet_summary import Fleet
    from graphpolicy.plan.verdict import Report

COLLECTED = 50
"""How many tenants are planned between two collections of garbage. httpx's answers refer to each
other, and Python by itself would collect them too rarely."""

LINES = "jsonl"
"""The format that has a line for each tenant."""

Making = Callable[["Session", "Progress"], AsyncIterator["Report"]]
"""Makes reports of one tenant each."""


def streamed(
    context: Context, make: Making, policies: Sequence[Desired], *, people: bool = False
) -> int:
    """Write the line of each tenant as soon as its report is made; the exit code.

    Nothing else of a report is kept, so the memory hardly grows with the tenants. Other outputs get
    the page for all tenants together.
    """
    from graphpolicy.cli.origins import placed
    from graphpolicy.plan.fleet_summary import FleetCollector
    from graphpolicy.render import Style, formats
    from graphpolicy.render.as_jsonl import line, plans

    console = context.console
    *others, last = formats("Fleet")
    if alone := sorted({*console.formats} - {LINES, *others, last}):
        raise UsageError(
            f"{LINES} can't be written together with {' and '.join(alone)}; nothing was read",
            f"a page of many tenants is {', '.join(others)} or {last}: run the command twice",
        )
    gathering = FleetCollector()
    style = placed(Style(), console.environment)

    async def run(session: Session, say: Progress) -> None:
        with _lines(console) as write:
            async for report in make(session, say):
                gathering.drift |= report.verb == "drift"
                for plan in plans(report, style):
                    write(line(plan))
                    gathering.add(plan, report.exit_code)
                if len(gathering.tenants) == 1:
                    gc.freeze()  # what is loaded by now stays, so that a collection is quick
                elif len(gathering.tenants) % COLLECTED == 0:
                    gc.collect()
                say.count(len(gathering.tenants), len(policies), "tenants read")

    connected(context, run, policies, people=people)
    _show(console, gathering.fleet)
    return gathering.fleet.exit_code


@contextmanager
def _lines(console: Console) -> Iterator[Callable[[str], None]]:
    """Writes lines to stdout and to every file that is for them."""
    from graphpolicy.disk.folders import refuse_left
    from graphpolicy.disk.output_files import replacing

    names = [name for name in console.outputs if _for_lines(name)]
    with ExitStack() as opened:
        for name in names:
            refuse_left(name)
        writers = [opened.enter_context(replacing(name)) for name in names]

        def write(text: str) -> None:
            for each in writers:
                each(contained(text, LINES))
            if console.format == LINES:
                console.result(text, LINES)

        yield write
    for name in names:
        console.say(f"wrote {name}")


def _for_lines(name: str) -> bool:
    return name != "-" and output_format(name) == LINES


def _show(console: Console, fleet: Fleet) -> None:
    """Write the page to the other outputs, and its headline and what failed to stderr."""
    others = tuple(name for name in console.outputs if not _for_lines(name))
    whole = console.format == LINES
    if whole:
        others = tuple(name for name in others if name != "-")
    console.tell(fleet.findings)
    console.say(fleet.verdict)
    if others or console.format not in (LINES, "text"):
        replace(console, outputs=others, format="text" if whole else console.format).show(fleet)


@click.command()
@click.argument("report", metavar="REPORT…", nargs=-1, required=True, type=click.Path())
@verb_options
@format_options("Fleet")
def fleet(context: Context, report: tuple[str, ...]) -> int:
    """Make one page of the reports of many tenants: how many differ, and by what.

    REPORT is a file that plan, drift or apply wrote as .json or .jsonl, in this job or in others. A
    tenant of the policy files that is in none of them is shown as failed.
    """
    from graphpolicy.commands.fleet import fleet_of
    from graphpolicy.commands.tenants import known_tenants

    found, wrong = fleet_of(report, known_tenants(), context.tenants)
    for each in wrong:
        context.console.problem(
            each, "check the output of the step that wrote it, and give one report for each tenant"
        )
    return context.console.answer(found)
