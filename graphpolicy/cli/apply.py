"""apply: plan, ask for approval, write, and read back every write."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import policies_of_rings
from graphpolicy.cli.flags import cache_for as cache_option, filled, seconds
from graphpolicy.cli.options import Context, default_paths, paths, tenant_options
from graphpolicy.cli.planning import (
    REFUSING,
    base_option,
    keeping,
    names_option,
    only_option,
    plan_context_of,
    ring_option,
)
from graphpolicy.cli.writing import write_with, writing_options
from graphpolicy.model.command import again as typed_again, command
from graphpolicy.model.errors import UsageError

if TYPE_CHECKING:
    from graphpolicy.commands.approved_plan import ApprovedPlan
    from graphpolicy.commands.runner import WriteOptions
    from graphpolicy.compare.selection import Address
    from graphpolicy.graph.session import Session
    from graphpolicy.journal.run import Run
    from graphpolicy.model import Desired, Json
    from graphpolicy.plan.verdict import Report
    from graphpolicy.rollouts.rings import Ring


@click.command()
@paths
@tenant_options("Report", facts=True)
@writing_options
@ring_option
@base_option
@only_option
@click.option(
    "--expect-digest",
    multiple=True,
    metavar="[NAME=]D",
    help="Apply only the plan with this digest; with several tenants, give one for each.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Apply each tenant separately, even if another can't be planned or is refused.",
)
@click.option(
    "--soak",
    metavar="DURATION",
    callback=seconds,
    help="Wait 30m, 2h or 1d after each ring; then the next one is planned again.",
)
@names_option
@cache_option
@click.option("--resume", metavar="RUN", callback=filled, help="Continue an interrupted run.")
def apply(
    context: Context,
    path: tuple[str, ...],
    *,
    expect_digest: tuple[str, ...],
    resume: str | None,
    base: str | None,
    only: tuple[str, ...],
    allow: tuple[str, ...],
    names: bool,
    cache_for: int | None,
    ring: tuple[Ring, ...],
    soak: int | None,
    **flags: Any,
) -> int:
    """Plan, ask for approval, write, and read back every write.

    PATH may also be one plan file (PLAN.json): then exactly that plan is applied.
    """
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.commands.approved_plan import (
        accepting,
        approved_by,
        expected_digests,
        only_planned,
        resumed,
    )
    from graphpolicy.commands.plan_file import PlanFile, PlanFileError, resumed_files
    from graphpolicy.journal.folder import check_records, find
    from graphpolicy.plan.verdict import Report
    from graphpolicy.rollouts.rings import rings_of

    plan_file, files = _plan_file_of(path)
    consent: dict[str, Json]
    if sum(map(bool, (plan_file, expect_digest, resume))) > 1:
        raise click.UsageError("give only one of a plan file, --expect-digest and --resume.")
    check_records(context.state_dir)
    resumes = find(context.state_dir, resume) if resume else None
    if resumes:
        _repeated(resumes, allow, context.console.typed)
        files = resumed_files(resumes, files, context.console.typed)
    console = context.console
    plans = _given_flags(context, base, ring, only)
    source = PlanFile.of(plan_file, context.tenants, files, plans) if plan_file else None
    again = source.again if source else ("plan", *(files or default_paths()), *plans)
    try:
        if source and not files:
            files = source.policies(console.typed)
        files = files or default_paths()
        wanted, tenants = policies_of_rings(context, files, ring, planned=True)
        if soak is not None and not (ring or rings_of(each.tenant for each in wanted)):
            raise click.UsageError("--soak waits between rings, and no file names a ring.")
        if source and ring:
            source = replace(source, wanted=tuple(each.tenant.id for each in wanted))
        if source:
            expected, consent = approved_by(source), {"plan": source.name}
        elif resumes:
            source = PlanFile(resumes.folder, context.tenants, again)
            expected, consent = resumed(resumes, again), {"resumes": resumes.name}
        else:
            expected = expected_digests(expect_digest, wanted)
            consent = {"digests": list(expect_digest)}
        policies = only_planned(wanted, expected, source) if source else wanted
    except PlanFileError as failure:
        console.problem(failure.text, failure.help)
        if not console.text_alone:
            console.report(Report("apply", (), findings=(failure.finding,)))
        return failure.exit_code
    parts, limits = _selection(only, wanted, expected.values())
    plans, again = (*plans, *limits), (*again, *limits)
    see = ("plan", *files, *plans)
    again = (*again, *accepting(expected.values(), allow))
    going_on = (*plans, *accepting((), allow))
    plan_context = plan_context_of(
        context, allow, base, files, wanted, count="taking", watch=REFUSING, tenants=tenants
    )
    plan_context = replace(plan_context, names=names, only=parts)

    def run(session: Session, writing: WriteOptions) -> Coroutine[Any, Any, Report]:
        return apply_policies(
            keeping(session, cache_for, context.console.say),
            policies,
            writing,
            plan_context,
            expected=expected,
            again=again,
            resume=("apply", *files, *going_on, "--resume"),
            resumes=resumes,
        )

    return write_with(
        context,
        run,
        consent={**consent, "allow": sorted({*allow})},
        given=bool(resume),
        see=see,
        policies=policies,
        soak=soak,
        **flags,
    )


def _plan_file_of(path: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The plan file among the paths, and the rest."""
    plans = [item for item in path if item.lower().endswith(".json")]
    if lines := [item for item in path if item.lower().endswith(".jsonl")]:
        text = f"{lines[0]} has a line for each tenant; apply takes PLAN.json, "
        raise click.UsageError(f"{text}which {command('plan', '-o', 'plan.json')} writes.")
    if len(plans) > 1:
        raise click.UsageError("apply takes one plan file.")
    rest = tuple(item for item in path if item not in plans)
    return (plans[0] if plans else None), rest


def _given_flags(
    context: Context, base: str | None, rings: tuple[Ring, ...], only: tuple[str, ...]
) -> tuple[str, ...]:
    """The flags of an apply that a plan of the same files needs as well, except `--allow`."""
    from graphpolicy.rollouts.rings import value

    facts = click.get_current_context().params.get("facts_file")
    given = [
        ("--base", base),
        ("--facts", facts),
        *(("--tenant", name) for name in context.tenants),
        *(("--ring", value(ring)) for ring in rings),
        *(("--only", word) for word in only),
    ]
    flags = (word for flag, text in given if text for word in (flag, text))
    return (*flags, *context.console.common)


def _selection(
    only: tuple[str, ...], policies: Iterable[Desired], expected: Iterable[ApprovedPlan]
) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """What the apply is limited to: by `--only`, else by the approved plans.

    It comes with the flags that limit a plan to the same, if they were not given.
    """
    from graphpolicy.compare.selection import part_name, parts_of

    if only:
        return parts_of(only, policies), ()
    parts = sorted({part for one in expected for part in one.only})
    return tuple(parts), tuple(word for part in parts for word in ("--only", part_name(part)))


def _repeated(run: Run, allow: tuple[str, ...], typed: Sequence[str]) -> None:
    """Require that each rule that the run accepted is accepted again: anyone may write a folder."""
    from graphpolicy.journal.folder import RunFolder

    RunFolder.at(run.folder)
    missing = sorted({*run.allowed} - {*allow})
    if missing:
        flags = [word for rule in missing for word in ("--allow", rule)]
        raise UsageError(
            f"run {run.name} accepted {', '.join(missing)}, which must be accepted again to "
            "resume it; nothing was read",
            f"to accept it again: {typed_again(typed, *flags)}",
        )
