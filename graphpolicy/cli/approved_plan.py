"""What was approved before an apply: a plan file, digests, or the run that it resumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from graphpolicy.cli.options import Context, default_paths
from graphpolicy.commands.approved_plan import (
    ApprovedPlan,
    expected_digests,
    only_planned,
    read_plan_file,
    resumed,
)
from graphpolicy.commands.plan_sources import plan_anew
from graphpolicy.journal.folder import RunFolder
from graphpolicy.journal.run import Run
from graphpolicy.model import Desired, Json
from graphpolicy.model.command import again as typed_again
from graphpolicy.model.errors import UsageError


def plan_file_of(path: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The plan file among the paths, and the rest.

    Raises:
        click.UsageError: there is more than one.
    """
    plans = [item for item in path if item.lower().endswith(".json")]
    if len(plans) > 1:
        raise click.UsageError("apply takes one plan file.")
    rest = tuple(item for item in path if item not in plans)
    return (plans[0] if plans else None), rest


def consented_to(
    policies: Sequence[Desired],
    wanted: str | None,
    plan_file: str | None,
    digests: tuple[str, ...],
    resumes: Run | None,
    *,
    again: Sequence[str],
) -> tuple[Sequence[Desired], Mapping[str, ApprovedPlan], Mapping[str, Json]]:
    """The approved policies, the approved plan of each tenant id, and the consent for the journal.

    `again` are the arguments of a command that makes the same plan again.

    Raises:
        PlanFileError: the plan file, or that of the run, can't be applied.
        UsageError: a digest is malformed, or there is not one for each tenant.
        RunError: the run has no readable plan.
    """
    if plan_file:
        expected = read_plan_file(plan_file, wanted, again)
        planned = only_planned(policies, expected, plan_file, wanted, again)
        return planned, expected, {"plan": plan_file}
    if resumes:
        expected = resumed(resumes, again)
        planned = only_planned(policies, expected, resumes.folder, wanted, again)
        return planned, expected, {"resumes": resumes.name}
    return policies, expected_digests(digests, policies), {"digests": list(digests)}


def given_flags(context: Context, base: str | None) -> tuple[str, ...]:
    """The flags of an apply that a plan of the same files needs as well, except `--allow`."""
    facts = click.get_current_context().params.get("facts_file")
    given = {"--base": base, "--facts": facts, "--tenant": context.tenant}
    flags = (word for flag, value in given.items() if value for word in (flag, value))
    return (*flags, *context.console.common)


def anew(
    context: Context, plan_file: str | None, files: Sequence[str], flags: Sequence[str]
) -> tuple[str, ...]:
    """The arguments of a command that plans again what this apply is about."""
    if plan_file:
        return plan_anew(plan_file, context.tenant, files, flags)
    return ("plan", *(files or default_paths()), *flags)


def repeated(run: Run, allow: tuple[str, ...], typed: Sequence[str]) -> None:
    """Require that each rule that the run accepted is accepted again: anyone may write a folder.

    Raises:
        UsageError: rules are missing.
        RunError: the folder of the run is one that whoever commits can write to.
    """
    RunFolder.at(run.folder)
    missing = sorted({*run.allowed} - {*allow})
    if missing:
        flags = [word for rule in missing for word in ("--allow", rule)]
        raise UsageError(
            f"run {run.name} accepted {', '.join(missing)}, which must be accepted again to "
            "resume it; nothing was read",
            f"to accept it again: {typed_again(typed, *flags)}",
        )
