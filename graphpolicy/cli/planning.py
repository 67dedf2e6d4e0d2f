"""Shared by the verbs that plan: the flags `--base` and `--allow`, and the plans of all tenants."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import all_filled, bundle, cache_for, completing, each_named, filled
from graphpolicy.cli.options import Context

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, OwnRuns, RolloutFacts, Tenant, Watch
    from graphpolicy.plan.plan_context import CountMode, PlanContext
    from graphpolicy.rollouts.rings import Ring

WATCHED: tuple[Watch, ...] = ("report", "refuse")
REFUSING: tuple[Watch, ...] = ("refuse",)
"""What a file says about undeclared settings if a plan shows them, and if an apply depends on
them."""

base_option = click.option(
    "--base",
    metavar="REV|FOLDER",
    shell_complete=completing("folders"),
    callback=filled,
    help="Compare with the files of this revision or folder, to tell edits of the files from "
    "changes made in the tenant.",
)


def _known_rules(
    _context: click.Context, _option: click.Parameter, rules: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse a rule that can't be accepted."""
    from graphpolicy.model.did_you_mean import closest
    from graphpolicy.rules.table import RULES

    guards = [row.id for row in RULES.values() if row.by_flag]
    for rule in rules:
        if rule in RULES and RULES[rule].counted:
            raise click.BadParameter(
                f"{rule!r} counts people, so it is accepted in the policy, up to a number: "
                f"acknowledge: [{{rule: {rule}, atMost: N, reason: …, owner: …, expires: …}}]"
            )
        if rule not in guards:
            near = closest(rule, guards)
            hint = f"Did you mean {near!r}?" if near else "`graphpolicy explain --all` lists them."
            raise click.BadParameter(f"{rule!r} is not a rule that can be accepted. {hint}")
    return rules


allow_option = click.option(
    "--allow",
    multiple=True,
    metavar="RULE",
    callback=_known_rules,
    shell_complete=completing("rules"),
    help="Accept the findings of this rule, for this run.",
)


def _rings(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> tuple[Ring, ...]:
    """The rings of `--ring`."""
    words = each_named(context, option, given)
    for word in words:
        if word != "none" and not re.fullmatch("[1-9][0-9]{0,8}", word, re.ASCII):
            raise click.BadParameter(f"{word!r} is not a ring; write it as 1, or none.")
    return tuple(None if word == "none" else int(word) for word in words)


ring_option = click.option(
    "--ring",
    multiple=True,
    metavar="N",
    callback=_rings,
    help="Only the tenants of this ring, or of several with commas between them; none means "
    "tenants without a ring.",
)
only_option = click.option(
    "--only",
    multiple=True,
    metavar="METHOD|PATH",
    callback=all_filled,
    shell_complete=completing("settings"),
    help="Limit the plan to a method or to a setting, as in Fido2 or Fido2.includeTargets. May be "
    "repeated.",
)
names_option = click.option(
    "--names",
    is_flag=True,
    help="Name the people that findings are about; only in text and JSON.",
)
impact_options = bundle(
    click.option(
        "--impact",
        is_flag=True,
        help="Count the people that the changes reach, and those that they would lock out.",
    ),
    cache_for,
)
"""The flags for counting people."""


def keeping(session: Session, seconds: int | None, say: Callable[[str], None]) -> Session:
    """The session, with lists about people kept on disk for some seconds; None keeps nothing.

    In both cases expired lists are deleted: they name people.
    """
    from graphpolicy.graph.page_cache import PageCache, sweep

    if seconds is None:
        sweep()
        return session
    return replace(session, lists=PageCache(seconds, say))


def plan_context_of(
    context: Context,
    allow: Iterable[str] = (),
    base: str | None = None,
    paths: Sequence[str] = (),
    policies: Iterable[Desired] = (),
    *,
    count: CountMode = "required",
    attribute: bool = False,
    watch: Collection[Watch] = (),
    tenants: Iterable[Tenant] = (),
) -> PlanContext:
    """The inputs of the plans of this run; with a base, what it declares for these policies.

    `tenants` are all that the files have, if these policies are not all of them. A tenant without a
    file in the base declares nothing there. Errors in files of the base are printed. A tenant that
    they may concern has None, and its plan says so. `attribute` reads the records of runs, for who
    changed what, as a base does. If a file says one of `watch`, its plan compares what no file
    declares with the snapshot beside the file.
    """
    from graphpolicy.commands.base_revision import base_files, changed_defaults, edited_snapshots
    from graphpolicy.commands.defaults import unowned_defaults
    from graphpolicy.commands.kept_snapshot import kept_for, unless_kept
    from graphpolicy.plan.plan_context import PlanContext

    policies = tuple(policies)
    watched = [each for each in policies if each.unmanaged in watch]
    there = {tenant.id for tenant in tenants}
    several = bool(context.tenants) or len(there or policies) > 1
    own = _own_runs(context) if attribute or base is not None else {}
    recorded = _recorded(context, policies, based=base is not None)
    unowned = unowned_defaults(context.defaults.file, (desired.file for desired in policies))
    if base is None:
        return PlanContext(
            context.today,
            context.facts,
            frozenset(allow),
            unowned,
            count=count,
            own=own,
            now=context.now(),
            kept=kept_for(watched, None, several=several),
            recorded=recorded,
        )
    wanted = {desired.tenant.id: desired for desired in policies}
    found, snapshots = base_files(base, paths, frozenset(wanted))
    kept = kept_for(watched, snapshots, several=several)
    if not found.sound:
        context.console.say(f"note: the files in the base {base} have errors of their own:")
        context.console.tell(found.findings)
    known = {desired.tenant.id: desired for desired in found.desired}
    before = {
        id_: known.get(id_)
        or (
            replace(desired, resources=(), expectations=(), rollouts=(), rolled=())
            if found.sound
            else None
        )
        for id_, desired in wanted.items()
    }
    called = context.tenants or (None,)
    then = [one for one in found.tenants if any(map(one.is_called, called))]
    if os.path.isdir(base) and not all(map(os.path.isdir, paths)):  # noqa: PTH112
        then = []  # a base folder may have files besides PATH: none of them was lost
    return PlanContext(
        context.today,
        context.facts,
        frozenset(allow),
        (*unowned, *unless_kept(edited_snapshots(base), policies)),
        before,
        tuple(one for one in then if one.id not in {*wanted, *there}),
        changed_defaults(base),
        count=count,
        own=own,
        now=context.now(),
        kept=kept,
        recorded=recorded,
    )


def _own_runs(context: Context) -> Mapping[str, OwnRuns]:
    """What the records of runs say; empty, with a message, if they can't be read."""
    from graphpolicy.journal.folder import RunError
    from graphpolicy.journal.own_runs import own_runs

    try:
        return own_runs(context.state_dir)
    except RunError as failure:
        context.console.say(f"the records of runs can't be read: {failure.text}")
        return {}


def _recorded(
    context: Context, policies: Sequence[Desired], *, based: bool
) -> Mapping[str, Mapping[str, RolloutFacts]]:
    """What the records of runs say about rollouts.

    With a base they are read only if a policy has rollouts. Without one only the records show a
    rollout that was removed from the files.
    """
    if based and not any(desired.rollouts for desired in policies):
        return {}
    from graphpolicy.commands.rollout_records import recorded
    from graphpolicy.journal.folder import RunError, runs

    try:
        return recorded(runs(context.state_dir), context.today)
    except RunError as failure:
        context.console.say(f"the records of runs can't be read: {failure.text}")
        return {}
