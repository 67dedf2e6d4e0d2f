"""The verbs that write to a tenant, apply and rollback, and history, which lists what they did."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.audit import moment
from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.occasions import allow_option, base_of, base_option, occasion_of
from graphpolicy.cli.options import (
    Context,
    F,
    connection_options,
    default_paths,
    filled,
    format_options,
    paths,
    verb_options,
)
from graphpolicy.cli.stopping import STOPPING
from graphpolicy.render import FORMATS

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.cli.progress import Progress
    from graphpolicy.commands.apply import Writing
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Json, Report
    from graphpolicy.plan import Planned
    from graphpolicy.run import Run

Write = Callable[["Session", "Writing"], Coroutine[Any, Any, "Report"]]


def _a_number(_context: click.Context, option: click.Parameter, value: float) -> float:
    """Refuse `nan`, which is in every range and never over."""
    if math.isnan(value):
        raise click.BadParameter("nan is no number of seconds.", param=option)
    return value


def writing_options(function: F) -> F:
    """Who says yes to a write, and how long it may take to show up."""
    for option in (
        click.option(
            "--verify-timeout",
            type=click.FloatRange(0, 600),
            callback=_a_number,
            default=30.0,
            show_default=True,
            help="Seconds that a write may take to show up.",
        ),
        click.option(
            "--confirm",
            metavar="NAME",
            multiple=True,
            help="The tenant's name, where a plan is risky; once for each tenant.",
        ),
        click.option("--auto-approve", is_flag=True, help="Do not ask (for pipelines)."),
        allow_option,
    ):
        function = option(function)
    return function


@click.command()
@paths
@verb_options
@connection_options
@facts_option
@format_options(*FORMATS)
@writing_options
@base_option
@click.option(
    "--expect-digest",
    multiple=True,
    metavar="[NAME=]D",
    help="Apply only the plan with this digest; with several tenants one for each.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Apply each tenant for itself, also where another can't be planned or is refused.",
)
@click.option("--resume", metavar="RUN", callback=filled, help="Go on with a run that was cut off.")
def apply(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    expect_digest: tuple[str, ...],
    resume: str | None,
    base: str | None,
    allow: tuple[str, ...],
    **flags: Any,
) -> int:
    """Plan, ask, write, and read every write back.

    PATH may also be one plan file (PLAN.json): then only that plan is applied.
    """
    from graphpolicy.cli.consented import consented_to, plan_file_of
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.commands.consenting import PlanFileFailure
    from graphpolicy.commands.planned_files import planned_files
    from graphpolicy.journal.folder import check_records, find
    from graphpolicy.model import Report

    plan_file, files = plan_file_of(path)
    if sum(map(bool, (plan_file, expect_digest, resume))) > 1:
        raise click.UsageError("give a plan file, --expect-digest or --resume, not several.")
    check_records(context.state_dir)
    resumes = find(context.state_dir, resume) if resume else None
    if resumes:
        _repeated(resumes, allow)
    try:
        files = files or (plan_file and planned_files(plan_file, context.tenant)) or default_paths()
        wanted = policies_for(context, files, facts, format_=format_, output=output, planned=True)
        into = ("-o", plan_file) if plan_file else ()
        again = ("plan", *files, *into, *context.console.common)
        policies, expected, consent = consented_to(
            wanted, context.tenant, plan_file, expect_digest, resumes, again=again
        )
    except PlanFileFailure as failure:
        context.console.problem(failure.text, failure.help)
        if format_ != "text" or output:
            report = Report("apply", (), findings=(failure.finding,))
            context.console.report(report, format_, output)
        return failure.exit_code
    before, lost = base_of(context, base, files, wanted)
    occasion = occasion_of(context, facts, allow, base, lost)

    def run(session: Session, writing: Writing) -> Coroutine[Any, Any, Report]:
        return apply_policies(
            session,
            policies,
            writing,
            occasion,
            expected=expected,
            again=shlex.join(("graphpolicy", *again)),
            base=before,
            resumes=resumes,
        )

    consent = {**consent, "allow": sorted({*allow})}
    given = bool(resume)
    return _write(context, run, format_, output, consent=consent, given=given, **flags)


def _repeated(run: Run, allow: tuple[str, ...]) -> None:
    """Refuse a run whose accepted rules are not accepted again: a folder may be anybody's.

    Raises:
        UsageFailure: rules are missing.
        RunFailure: the folder of the run is one that whoever commits can write to.
    """
    from graphpolicy.graph.errors import UsageFailure
    from graphpolicy.journal.folder import RunFolder

    RunFolder.at(run.folder)
    missing = sorted({*run.allowed} - {*allow})
    if missing:
        flags = shlex.join(word for rule in missing for word in ("--allow", rule))
        raise UsageFailure(
            f"run {run.name} accepted {', '.join(missing)}, and a folder can't accept anything; "
            "nothing was read",
            f"if you accept it again, add {flags}",
        )


@click.command()
@click.argument("run", required=False, metavar="[RUN|FOLDER]", callback=filled)
@verb_options
@connection_options
@facts_option
@format_options(*FORMATS)
@writing_options
@click.option(
    "--to",
    "snapshot",
    metavar="SNAPSHOT",
    callback=filled,
    help="Back to a snapshot, without a run.",
)
@click.option("--override", is_flag=True, help="Also undo what has been changed since.")
def rollback(
    context: Context,
    run: str | None,
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    snapshot: str | None,
    override: bool,
    allow: tuple[str, ...],
    **flags: Any,
) -> int:
    """Undo a recorded run, by default the last one."""
    from graphpolicy.commands.rollback import around, own_policy, restore, rollback as undo
    from graphpolicy.journal.folder import check_records, find

    if run and snapshot:
        raise click.UsageError("give a run, or --to SNAPSHOT, not both.")
    check_records(context.state_dir)
    occasion = occasion_of(context, facts, allow)
    if snapshot:
        from graphpolicy.commands.against import read_snapshot

        before = read_snapshot(snapshot)
        if context.tenant and context.tenant.casefold() not in (
            before.tenant.name.casefold(),
            before.tenant.id,
        ):
            raise click.UsageError(f"{snapshot} is of {before.tenant.name}, not {context.tenant}.")
        tenant, file, own = before.tenant, snapshot, own_policy(before.tenant)

        def write(session: Session, writing: Writing) -> Coroutine[Any, Any, Report]:
            return restore(session, before, around(tenant, file, own), writing, occasion)

        consent: Json = {"to": snapshot}
    else:
        recorded = find(context.state_dir, run, context.tenant)
        tenant, file = recorded.tenant, recorded.folder
        own = own_policy(tenant, recorded.begun.get("file", ""))

        def write(session: Session, writing: Writing) -> Coroutine[Any, Any, Report]:
            return undo(
                session,
                recorded,
                around(tenant, file, own),
                writing,
                override=override,
                occasion=occasion,
                own=own,
            )

        consent = {"rolls_back": recorded.name, "override": override}
        context.console.say(_undoes(recorded, named=bool(run)))
    if own is None:
        context.console.say(
            f"note: no policy file of {tenant.name} is here, so its emergency accounts, raised "
            "guards and freeze are not known"
        )
    return _write(
        context,
        write,
        format_,
        output,
        verb="rollback",
        consent={**consent, "allow": list(allow)},
        given=False,
        **flags,
    )


def _undoes(run: Run, *, named: bool) -> str:
    """Which run a rollback undoes, and what that comes to where it was a rollback itself."""
    begun = run.begun
    text = f"undoing run {run.name} ({begun['verb']}, {moment(begun['at'])})"
    undone = begun.get("consent", {}).get("rolls_back")
    if begun["verb"] != "rollback" or not undone:
        return text
    text += f", which undid run {undone}: this does again what that run did"
    return text if named else f"{text}; `graphpolicy history` lists earlier runs to undo by name"


def _write(
    context: Context,
    write: Write,
    format_: str,
    output: tuple[str, ...],
    *,
    consent: Mapping[str, Json],
    given: bool,
    auto_approve: bool,
    confirm: tuple[str, ...],
    verify_timeout: float,
    verb: str = "apply",
    keep_going: bool = False,
) -> int:
    """Run a verb that writes; `given` is whether an earlier yes stands for this one."""
    from graphpolicy.cli.approval import Approval
    from graphpolicy.commands.apply import Writing
    from graphpolicy.commands.keeping import Keeper
    from graphpolicy.graph.ports import Pace
    from graphpolicy.journal.folder import unreadable
    from graphpolicy.verdict import exit_code

    approval = Approval(
        context.console,
        format_,
        auto_approve=auto_approve,
        confirm=confirm,
        keep_going=keep_going,
    )
    keeper = Keeper(context.state_dir, context.environment, context.now, lambda: STOPPING.code)

    def run(session: Session, say: Progress) -> Coroutine[Any, Any, Report]:
        def approve(planned: Sequence[Planned]) -> list[bool]:
            say.pause()
            plans = [each.plan for each in planned]
            return list(map(approval.shown, plans)) if given else approval(plans)

        pace = Pace(verify_timeout)
        common = context.console.common
        return write(
            session, Writing(approve, pace, say, keeper, verb, consent, common, keep_going)
        )

    for trouble in unreadable(context.state_dir):
        context.console.say(f"warning: {trouble}")
    with STOPPING.held("run `graphpolicy plan` to see where the tenant stands"):
        report = connected(context, run)
        delivered = context.console.report(report, format_, output, brief=True)
        for failure in keeper.unfinished:
            context.console.problem(
                f"{failure.text}; every write is on record, the end of the run is not", failure.help
            )
    return exit_code(report) or delivered or int(bool(keeper.unfinished))
