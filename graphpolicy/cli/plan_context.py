"""Inputs of a plan besides files and tenant: the date, facts, accepted rules, and the base."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.options import Context, F, filled

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.model import Desired, Tenant
    from graphpolicy.plan.make import PlanContext


def base_option(function: F) -> F:
    """`--base`: the files before the change under review."""
    return click.option(
        "--base",
        metavar="REV|FOLDER",
        callback=filled,
        help="Compare with the files of this revision or folder, to tell edits of the files from "
        "changes made in the tenant.",
    )(function)


def known_rules(
    _context: click.Context, _option: click.Parameter, rules: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse a rule that can't be accepted."""
    from graphpolicy.model.did_you_mean import closest
    from graphpolicy.rules.table import RULES

    guards = [row.id for row in RULES.values() if row.acceptable]
    for rule in rules:
        if rule not in guards:
            near = closest(rule, guards)
            hint = f"Did you mean {near!r}?" if near else "`graphpolicy explain --all` lists them."
            raise click.BadParameter(f"{rule!r} is not a rule that can be accepted. {hint}")
    return rules


def allow_option(function: F) -> F:
    """`--allow`: rules that are accepted for one run."""
    return click.option(
        "--allow",
        multiple=True,
        metavar="RULE",
        callback=known_rules,
        help="Accept the findings of this rule, for this run.",
    )(function)


def plan_context(
    context: Context,
    facts: Facts,
    allow: Iterable[str] = (),
    base: str | None = None,
    lost: tuple[Tenant, ...] = (),
) -> PlanContext:
    """The inputs of the plans of this run.

    With a base, the findings name the snapshots that were edited since. The tenants in `lost` have
    lost their file since.
    """
    from graphpolicy.commands.base_revision import edited_snapshots
    from graphpolicy.plan.make import PlanContext

    found = () if base is None else edited_snapshots(base)
    return PlanContext(context.today, facts, frozenset(allow), found, lost)


def base_of(
    context: Context, base: str | None, paths: Sequence[str], policies: Iterable[Desired]
) -> tuple[Mapping[str, Desired | None], tuple[Tenant, ...]]:
    """What the base declares, by tenant id, and the tenants that have lost their file since.

    A tenant without a file in the base declares nothing there. Errors in files of the base are
    printed. A tenant that they may concern has None, and its plan says so.
    """
    from graphpolicy.commands.base_revision import base_policies

    if base is None:
        return {}, ()
    wanted = {desired.tenant.id: desired for desired in policies}
    found = base_policies(base, paths, frozenset(wanted))
    if not found.sound:
        context.console.say(f"note: the files in the base {base} have errors of their own:")
        context.console.tell(found.findings)
    known = {desired.tenant.id: desired for desired in found.desired}
    before = {
        id_: known.get(id_) or (replace(desired, resources=()) if found.sound else None)
        for id_, desired in wanted.items()
    }
    asked = (context.tenant or "").casefold()
    then = [one for one in found.tenants if asked in ("", one.name.casefold(), one.id)]
    if os.path.isdir(base) and not all(map(os.path.isdir, paths)):  # noqa: PTH112
        then = []  # a base folder may have files besides PATH: none of them was lost
    return before, tuple(one for one in then if one.id not in wanted)
