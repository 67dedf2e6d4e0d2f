"""apply: plan, ask, write, and read every write back."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import policies_for
from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Context,
    connection_options,
    default_paths,
    filled,
    format_options,
    paths,
    verb_options,
)
from graphpolicy.cli.plan_context import base_of, base_option, plan_context
from graphpolicy.cli.writing import write_with, writing_options
from graphpolicy.render import FORMATS

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.commands.apply import Writing
    from graphpolicy.graph.session import Session
    from graphpolicy.journal.run import Run
    from graphpolicy.model import Report

Write = Callable[["Session", "Writing"], Coroutine[Any, Any, "Report"]]


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
    from graphpolicy.cli.approved_plan import consented_to, plan_file_of
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.commands.approved_plan import PlanFileError
    from graphpolicy.commands.plan_sources import planned_files, resumed_files
    from graphpolicy.journal.folder import check_records, find
    from graphpolicy.model import Report

    plan_file, files = plan_file_of(path)
    if sum(map(bool, (plan_file, expect_digest, resume))) > 1:
        raise click.UsageError("give a plan file, --expect-digest or --resume, not several.")
    check_records(context.state_dir)
    resumes = find(context.state_dir, resume) if resume else None
    if resumes:
        _repeated(resumes, allow)
        files = resumed_files(resumes, files)
    try:
        files = files or (plan_file and planned_files(plan_file, context.tenant)) or default_paths()
        wanted = policies_for(context, files, facts, format_=format_, output=output, planned=True)
        into = ("-o", plan_file) if plan_file else ()
        again = ("plan", *files, *into, *context.console.common)
        policies, expected, consent = consented_to(
            wanted, context.tenant, plan_file, expect_digest, resumes, again=again
        )
    except PlanFileError as failure:
        context.console.problem(failure.text, failure.help)
        if format_ != "text" or output:
            report = Report("apply", (), findings=(failure.finding,))
            context.console.report(report, format_, output)
        return failure.exit_code
    before, lost = base_of(context, base, files, wanted)
    occasion = plan_context(context, facts, allow, base, lost)

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
    return write_with(context, run, format_, output, consent=consent, given=given, **flags)


def _repeated(run: Run, allow: tuple[str, ...]) -> None:
    """Refuse a run whose accepted rules are not accepted again: a folder may be anybody's.

    Raises:
        UsageError: rules are missing.
        RunError: the folder of the run is one that whoever commits can write to.
    """
    from graphpolicy.journal.folder import RunFolder
    from graphpolicy.model.errors import UsageError

    RunFolder.at(run.folder)
    missing = sorted({*run.allowed} - {*allow})
    if missing:
        flags = shlex.join(word for rule in missing for word in ("--allow", rule))
        raise UsageError(
            f"run {run.name} accepted {', '.join(missing)}, and a folder can't accept anything; "
            "nothing was read",
            f"if you accept it again, add {flags}",
        )
