"""What an apply has a yes to beforehand: a plan file, digests, or the run that it goes on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from graphpolicy.commands.approved_plan import (
    ApprovedPlan,
    expected_digests,
    only_planned,
    read_plan_file,
    resumed,
)
from graphpolicy.journal.run import Run
from graphpolicy.model import Desired, Json


def plan_file_of(path: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The plan file among the paths, and the rest.

    Raises:
        click.UsageError: there are several.
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
    """The policies that a yes was given to, what to, and how the journal tells it.

    `again` are the arguments that plan the same anew.

    Raises:
        PlanFileError: the plan file, or that of the run, can't be applied.
        UsageError: the digests are none, or not one for each tenant.
        RunError: the run has no plan that can be read.
    """
    if plan_file:
        expected = read_plan_file(plan_file, wanted, again)
        planned = only_planned(policies, expected, plan_file, wanted)
        return planned, expected, {"plan": plan_file}
    if resumes:
        expected = resumed(resumes)
        planned = only_planned(policies, expected, resumes.folder, wanted)
        return planned, expected, {"resumes": resumes.name}
    return policies, expected_digests(digests, policies), {"digests": list(digests)}
