"""Shared by apply and rollback: their flags, the approval, and the record of the run."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import connected
from graphpolicy.cli.console import Console
from graphpolicy.cli.flags import bundle, completing
from graphpolicy.cli.options import Context
from graphpolicy.cli.planning import allow_option
from graphpolicy.cli.signals import STOPPING
from graphpolicy.model import Failure, Plan
from graphpolicy.model.command import again, command
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verdict import Report
from graphpolicy.render import render
from graphpolicy.render.escape import printable
from graphpolicy.render.phrases import IRREVERSIBLE

if TYPE_CHECKING:
    from graphpolicy.cli.progress import Progress
    from graphpolicy.commands.runner import WriteOptions
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, Json
    from graphpolicy.plan.make import Planned

WriteCommand = Callable[["Session", "WriteOptions"], Coroutine[Any, Any, "Report"]]


def _a_number(_context: click.Context, option: click.Parameter, value: float) -> float:
    """Refuse `nan`: it is in every range, and such a timeout never ends."""
    if math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds.", param=option)
    return value


writing_options = bundle(
    allow_option,
    click.option("--auto-approve", is_flag=True, help="Do not ask for approval (for pipelines)."),
    click.option(
        "--confirm",
        metavar="NAME",
        shell_complete=completing("tenants"),
        multiple=True,
        help="The tenant's name, to confirm a risky plan; repeat it for each tenant.",
    ),
    click.option(
        "--verify-timeout",
        type=click.FloatRange(0, 600),
        callback=_a_number,
        default=30.0,
        show_default=True,
        help="Seconds to wait until a write is visible.",
    ),
)
"""The flags for approval, and for the wait until a write is visible."""


def write_with(
    context: Context,
    write: WriteCommand,
    *,
    consent: Mapping[str, Json],
    given: bool,
    see: Sequence[str],
    policies: Sequence[Desired] = (),
    auto_approve: bool,
    confirm: tuple[str, ...],
    verify_timeout: float,
    verb: str = "apply",
    keep_going: bool = False,
    soak: int | None = None,
) -> int:
    """Run a verb that writes, report, and return the exit code.

    `given` says that an earlier approval counts: plans are shown and no question is asked. `see`
    are the arguments of a command that shows the state of the tenant afterwards. A person signs in
    with what `policies` need.
    """
    from graphpolicy.commands.run_recorder import RunRecorder
    from graphpolicy.commands.runner import WriteOptions
    from graphpolicy.graph.protocols import WritePace
    from graphpolicy.journal.folder import unreadable

    approval = Approval(context.console, auto_approve, confirm, keep_going)
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
            if given:
                return list(map(approval.shown, plans))
            try:
                return approval(plans)
            except UsageError as refused:  # the output files must say it, too
                failures = tuple(_not_approved(plan, refused) for plan in plans)
                context.console.write_outputs(Report(verb, failures))
                raise

        pace = WritePace(verify_timeout)
        common, typed = context.console.common, context.console.typed
        writing = WriteOptions(
            approve, pace, say, keeper, verb, consent, common, typed, keep_going, soak or 0
        )
        return write(session, writing)

    for trouble in unreadable(context.state_dir):
        context.console.warn(trouble)
    with STOPPING.held(f"run {command(*see)} to see the state of the tenant"):
        report = connected(context, run, policies)
        delivered = context.console.report(report, brief=True)
        for failure in keeper.unfinished:
            context.console.problem(
                f"{failure.text}; every write was recorded, the end of the run was not",
                failure.help,
            )
    return report.exit_code or delivered or int(bool(keeper.unfinished))


@dataclass(frozen=True, slots=True)
class Approval:
    """Shows the plans of a run and asks for approval of each.

    The answer is `yes`, or the tenant's name if the plan is risky. Names come from files, so they
    are escaped.
    """

    console: Console
    auto_approve: bool
    confirm: tuple[str, ...]
    keep_going: bool

    def __call__(self, plans: Sequence[Plan]) -> list[bool]:
        """Whether each plan is approved; all are shown before the first question.

        A no ends the questions at once, or with `keep_going` at the end of its ring. The list is
        shorter then.
        """
        self.shown(*plans)
        self._check(plans)
        answers: list[bool] = []
        for number, plan in enumerate(plans):
            same = self.keep_going and plan.tenant.ring == plans[number - 1].tenant.ring
            if not same and not all(answers):
                break
            answers.append(self.auto_approve or _yes(plan))
        return answers

    def _check(self, plans: Sequence[Plan]) -> None:
        """Refuse to continue if flags are missing; one message names those of all tenants."""
        terminal = sys.stdin.isatty()
        known = {each for plan in plans for each in (plan.tenant.name, plan.tenant.id)}
        names = [plan.tenant.name for plan in plans]
        if plans and self.confirm and not known & {*self.confirm}:
            raise UsageError(
                f"--confirm {' '.join(map(repr, self.confirm))} is not the tenant's name; "
                "nothing was written",
                f"the tenant is called {' or '.join(names)}",
            )
        if plans and not self.auto_approve and not terminal:
            raise UsageError(
                f"the plan for {', '.join(names)} needs approval, and there is no terminal to "
                "ask at; nothing was written",
                f"to approve it in advance: {again(self.console.typed, '--auto-approve')}",
            )
        missing = {
            plan.tenant.name: irreversible
            for plan in plans
            for irreversible in [any(found.rule == IRREVERSIBLE for found in plan.findings)]
            if self.auto_approve
            and (irreversible or (plan.risky and terminal))
            and not {plan.tenant.name, plan.tenant.id} & {*self.confirm}
        }
        if missing:
            confirmed = [word for name in missing for word in ("--confirm", name)]
            by_hand = ""
            if self.console.environment.get("GITHUB_ACTIONS"):
                by_hand = f"; or start the workflow by hand, with `confirm`: {', '.join(missing)}"
            why = "can't be undone" if any(missing.values()) else "has warnings or accepted errors"
            raise UsageError(
                f"the plan for {', '.join(missing)} {why}; nothing was written",
                f"to confirm it: {again(self.console.typed, *confirmed)}{by_hand}",
            )

    def shown(self, *plans: Plan) -> bool:
        """Show the plans before anything is written: on stderr if stdout is for a machine."""
        stream = sys.stdout if self.console.format == "text" else sys.stderr
        stream.write(render(Report("plan", plans), "text", self.console.style(stream)))
        stream.flush()
        return True


def _not_approved(plan: Plan, refused: UsageError) -> Failure:
    """A tenant to which nothing is written, because a flag is missing."""
    where = (plan.tenant, plan.file)
    return Failure(*where, "not-approved", refused.text, refused.help, refused.exit_code, plan)


def _yes(plan: Plan) -> bool:
    name = plan.tenant.name
    wanted = name if plan.risky else "yes"
    question = f"Type {printable(wanted)} to apply this to {printable(name)}"
    with STOPPING.asking():
        answer = click.prompt(question, default="", show_default=False, err=True)
    return bool(answer.strip() == wanted)
