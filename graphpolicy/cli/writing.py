"""Shared by apply and rollback: their flags, the approval, and the record of the run."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.options import (
    Context,
    F,
)
from graphpolicy.cli.plan_context import allow_option
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model.command import command

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.commands.apply import Writing
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Json, Report
    from graphpolicy.plan.make import Planned

Write = Callable[["Session", "Writing"], Coroutine[Any, Any, "Report"]]


def _a_number(_context: click.Context, option: click.Parameter, value: float) -> float:
    """Refuse `nan`: it is in every range, and such a timeout never ends."""
    if math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds.", param=option)
    return value


def writing_options(function: F) -> F:
    """The flags for approval, and for the wait until a write is visible."""
    for option in (
        click.option(
            "--verify-timeout",
            type=click.FloatRange(0, 600),
            callback=_a_number,
            default=30.0,
            show_default=True,
            help="Seconds to wait until a write is visible.",
        ),
        click.option(
            "--confirm",
            metavar="NAME",
            multiple=True,
            help="The tenant's name, to confirm a risky plan; repeat it for each tenant.",
        ),
        click.option(
            "--auto-approve", is_flag=True, help="Do not ask for approval (for pipelines)."
        ),
        allow_option,
    ):
        function = option(function)
    return function


def write_with(
    context: Context,
    write: Write,
    format_: str,
    output: tuple[str, ...],
    *,
    consent: Mapping[str, Json],
    given: bool,
    see: Sequence[str],
    auto_approve: bool,
    confirm: tuple[str, ...],
    verify_timeout: float,
    verb: str = "apply",
    keep_going: bool = False,
) -> int:
    """Run a verb that writes, report, and return the exit code.

    `given` says that an earlier approval counts: plans are shown and no question is asked. `see`
    are the arguments of a command that shows the state of the tenant afterwards.
    """
    from graphpolicy.cli.approval import Approval
    from graphpolicy.commands.apply import Writing
    from graphpolicy.commands.run_recorder import RunRecorder
    from graphpolicy.graph.protocols import Pace
    from graphpolicy.journal.folder import unreadable
    from graphpolicy.plan.verdict import exit_code

    approval = Approval(
        context.console,
        format_,
        auto_approve=auto_approve,
        confirm=confirm,
        keep_going=keep_going,
    )
    keeper = RunRecorder(
        context.state_dir,
        context.environment,
        context.now,
        lambda: STOPPING.code,
        context.console.common,
    )

    def run(session: Session, say: Progress) -> Coroutine[Any, Any, Report]:
        def approve(planned: Sequence[Planned]) -> list[bool]:
            say.pause()
            plans = [each.plan for each in planned]
            return list(map(approval.shown, plans)) if given else approval(plans)

        pace = Pace(verify_timeout)
        common, typed = context.console.common, context.console.typed
        return write(
            session, Writing(approve, pace, say, keeper, verb, consent, common, typed, keep_going)
        )

    for trouble in unreadable(context.state_dir):
        context.console.warn(trouble)
    with STOPPING.held(f"run {command(*see)} to see the state of the tenant"):
        report = connected(context, run)
        delivered = context.console.report(report, format_, output, brief=True)
        for failure in keeper.unfinished:
            context.console.problem(
                f"{failure.text}; every write was recorded, the end of the run was not",
                failure.help,
            )
    return exit_code(report) or delivered or int(bool(keeper.unfinished))
