"""What a plan goes by besides files and tenant: the day, facts, allowed rules, and the base."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.options import Context, F

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.model import Desired
    from graphpolicy.plan import Occasion


def base_option(function: F) -> F:
    """`--base`: what the files said before the change under review."""
    return click.option(
        "--base",
        metavar="REV|FOLDER",
        help="Tell edits of the files since then from changes made in the tenant.",
    )(function)


def known_rules(
    _context: click.Context, _option: click.Parameter, rules: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse a rule that is no guard."""
    from graphpolicy.policyfile.suggest import closest
    from graphpolicy.rules.about import RULES

    guards = [row.id for row in RULES.values() if row.kind == "guard"]
    for rule in rules:
        if rule not in guards:
            near = closest(rule, guards)
            hint = f"Did you mean {near!r}?" if near else "`graphpolicy explain` lists them."
            raise click.BadParameter(f"{rule!r} is no rule that judges changes. {hint}")
    return rules


def occasion_of(context: Context, facts: Facts, allow: Iterable[str] = ()) -> Occasion:
    """What this run goes by."""
    from graphpolicy.plan import Occasion

    return Occasion(context.today, facts, frozenset(allow))


def base_of(
    context: Context, base: str | None, paths: Sequence[str], policies: Iterable[Desired]
) -> Mapping[str, Desired]:
    """What was declared in the base by tenant id; a tenant that is new there declared nothing.

    A file that is wrong in the base is told of, and its tenant has no base then.
    """
    from graphpolicy.commands.base import base_policies
    from graphpolicy.render.findings import finding_lines

    if base is None:
        return {}
    found = base_policies(base, paths)
    if not found.sound:
        context.console.say(f"note: the files in the base {base} have errors of their own:")
        color = context.console.colored(sys.stderr)
        for finding in found.findings:
            for line in finding_lines(finding, color=color):
                click.echo(line, err=True, color=color)
    known = {desired.tenant.id: desired for desired in found.desired}
    new = {desired.tenant.id: replace(desired, resources=()) for desired in policies}
    return {**(new if found.sound else {}), **known}
