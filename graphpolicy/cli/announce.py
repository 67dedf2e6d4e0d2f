"""announce: the message to the people whom a plan concerns, and the note for the helpdesk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphpolicy.cli.facts import facts_option
from graphpolicy.cli.options import (
    Choice,
    Context,
    all_filled,
    connection_options,
    default_paths,
    filled,
    format_options,
    verb_options,
)
from graphpolicy.cli.tenant_plans import plans

if TYPE_CHECKING:
    from graphpolicy.announce.texts import Texts
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.render.announcement import Draft


def day(_context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Refuse what is no day, as YYYY-MM-DD."""
    from contextlib import suppress
    from datetime import date

    if value is None:
        return ""
    with suppress(ValueError):
        if date.fromisoformat(value).isoformat() == value:
            return value
    raise click.BadParameter(f"{value!r} is no day: write it as 2026-12-01.", param=option)


@click.command()
@click.argument("path", nargs=-1, type=click.Path())
@verb_options
@connection_options
@facts_option
@format_options("Draft")
@click.option(
    "--plan",
    "plan_file",
    metavar="PLAN.json",
    callback=filled,
    help="A saved plan, in place of one made now.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="SNAPSHOT",
    callback=all_filled,
    help="Plan from a file of pull --snapshot, without credentials.",
)
@click.option("--on", "date", metavar="DATE", callback=day, help="The day to state, 2026-12-01.")
@click.option(
    "--only",
    type=Choice(("message", "note")),
    help="Only the message to the people, or only the note for the helpdesk.",
)
@click.option("--templates", metavar="FOLDER", callback=filled, help="Your own texts.")
@click.option(
    "--write-templates", metavar="FOLDER", callback=filled, help="Write the texts, to change them."
)
def announce(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    facts: Facts,
    plan_file: str | None,
    against: tuple[str, ...],
    date: str,
    only: str | None,
    templates: str | None,
    write_templates: str | None,
) -> int:
    """Draft what to tell people and the helpdesk about a plan. Never writes to a tenant.

    PATH is as for `plan`. What people see is said for each audience: what changes, what to do, what
    not to approve, and a picture of the prompt. Nothing is said that the plan does not do.

    The texts are files of entries: [NAME] on a line, then the text, in which $method, $after and
    other names are filled in ($$ is a dollar). --write-templates writes them, --templates uses
    them, in any language; every file and entry must be there.
    """
    from graphpolicy.announce import announce as said_of
    from graphpolicy.commands import announce as announcing
    from graphpolicy.model import Failure
    from graphpolicy.plan.verdict import worst
    from graphpolicy.render.announcement import BOTH, Draft

    if write_templates:
        return _write(context, write_templates)
    if plan_file and (path or against):
        raise click.UsageError("--plan is a plan already: no PATH, no --against.")
    texts = _texts(context, templates)
    if plan_file:
        found = announcing.read_proposals(plan_file, context.tenant, context.console.common)
    else:
        report = plans(
            context,
            "plan",
            path or default_paths(),
            facts=facts,
            format_="text",
            output=(),
            against=against,
        )
        found = announcing.proposed(report.plans)
    failures = tuple(each for each in found if isinstance(each, Failure))
    for failure in failures:
        context.console.problem(f"{failure.tenant.name}: {failure.message}", failure.help)
    made = tuple(said_of(each, texts, facts) for each in found if not isinstance(each, Failure))
    parts = tuple(part for part in BOTH if only in (None, part))
    draft = Draft(made, texts, date, parts, failures)
    _deliver(context, draft, format_, output)
    return worst(failure.exit_code for failure in failures)


def _write(context: Context, folder: str) -> int:
    from graphpolicy.commands.announce import write_templates

    written, left = write_templates(folder)
    for file in written:
        context.console.say(f"wrote {file}")
    for file in left:
        context.console.say(f"{file} exists and is left as it is")
    return 0


def _texts(context: Context, folder: str | None) -> Texts:
    from graphpolicy.commands.announce import texts_of

    texts, mistakes = texts_of(folder)
    for mistake in mistakes:
        context.console.problem(mistake)
    if mistakes:
        context.console.say(
            "  help: `graphpolicy announce --write-templates FOLDER` writes every text as it is"
        )
        raise click.exceptions.Exit(1)
    return texts


def _deliver(context: Context, draft: Draft, format_: str, output: tuple[str, ...]) -> None:
    """Write what there is; a picture only where the prompt changes."""
    from graphpolicy.announce import pictures
    from graphpolicy.render import output_format

    formats = {format_, *(output_format(file) for file in output if file != "-")}
    if "svg" in formats and not any(any(pictures(each)) for each in draft.announcements):
        context.console.say("the plan changes nothing in the app's prompt: there is no picture")
        output = tuple(file for file in output if file == "-" or output_format(file) != "svg")
        if format_ == "svg" or not output:
            return
    context.console.show(draft, format_, output)
