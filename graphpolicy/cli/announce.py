"""announce: the message to people and the note for the helpdesk about a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from graphpolicy.cli.flags import Choice, all_filled, completing, filled
from graphpolicy.cli.options import Context, default_paths, tenant_options
from graphpolicy.cli.planning import impact_options
from graphpolicy.cli.reports import Plans
from graphpolicy.model.errors import Exit
from graphpolicy.render import output_format

if TYPE_CHECKING:
    from graphpolicy.announce.texts import Texts
    from graphpolicy.render.announce import Announcements


def day(_context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Check a date in the form YYYY-MM-DD; '' if not given."""
    from contextlib import suppress
    from datetime import date

    if value is None:
        return ""
    with suppress(ValueError):
        if date.fromisoformat(value).isoformat() == value:
            return value
    raise click.BadParameter(f"{value!r} is not a date: write it as 2026-12-01.", param=option)


@click.command()
@click.argument("path", nargs=-1, type=click.Path())
@tenant_options("Announcements", facts=True)
@click.option(
    "--plan",
    "plan_file",
    metavar="PLAN.json",
    callback=filled,
    help="Use a saved plan instead of planning now.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="SNAPSHOT",
    shell_complete=completing("files"),
    callback=all_filled,
    help="Plan against a file from pull --snapshot; needs no credentials.",
)
@impact_options
@click.option(
    "--on", "date", metavar="DATE", callback=day, help="Date of the change, such as 2026-12-01."
)
@click.option(
    "--only",
    type=Choice(("message", "note")),
    help="Only the message to people, or only the note for the helpdesk.",
)
@click.option(
    "--templates",
    metavar="FOLDER",
    shell_complete=completing("folders"),
    callback=filled,
    help="Use your own texts from FOLDER.",
)
@click.option(
    "--write-templates",
    metavar="FOLDER",
    shell_complete=completing("folders"),
    callback=filled,
    help="Write the texts to FOLDER, for you to change.",
)
def announce(
    context: Context,
    path: tuple[str, ...],
    *,
    plan_file: str | None,
    against: tuple[str, ...],
    impact: bool,
    cache_for: int | None,
    date: str,
    only: str | None,
    templates: str | None,
    write_templates: str | None,
) -> int:
    """Draft what to tell people and the helpdesk about a plan. Never writes to a tenant.

    PATH is as for `plan`. Each audience has a section: what changes, what to do, what not to
    approve, and a picture of the prompt. Every sentence comes from a change in the plan.

    The texts are files with entries: a line [NAME], then the text, where $method, $after and other
    names are filled in ($$ is a dollar sign). --write-templates writes them; --templates uses them,
    in any language. Every file and entry must be present.

    -o mail.html is the message, and the note is written to mail.helpdesk.html beside it.
    """
    from graphpolicy.announce import announce as said_of
    from graphpolicy.commands import announce as announcing
    from graphpolicy.model import Failure
    from graphpolicy.render.announce import BOTH, Announcements

    if write_templates:
        return _write(context, write_templates)
    if plan_file and (path or against):
        raise click.UsageError("--plan is already a plan: leave out PATH and --against.")
    if impact and (plan_file or against):
        raise click.UsageError("--impact reads the tenant: leave out --plan and --against.")
    texts = _texts(context, templates)
    if plan_file:
        found = announcing.read_proposals(plan_file, context.tenant, context.console.common)
    else:
        # Without a draft there is no file, even if the reason is errors in the files.
        without_files = replace(context, console=replace(context.console, outputs=()))
        wanted = Plans(
            without_files,
            "plan",
            path or default_paths(),
            against=against,
            impact=impact,
            cache_for=cache_for,
            wrong=lambda findings: Announcements((), texts, file_findings=findings),
        )
        found = announcing.proposed(wanted.report().plans)
    facts = context.facts
    failures = tuple(each for each in found if isinstance(each, Failure))
    made = tuple(said_of(each, texts, facts) for each in found if not isinstance(each, Failure))
    parts = tuple(part for part in BOTH if only in (None, part))
    draft = Announcements(made, texts, date, parts, failures)
    for failure in failures:
        context.console.failed(failure)
    context.console.tell(draft.findings)
    if context.console.files_only:
        context.console.say(draft.verdict)
    _deliver(context, draft)
    return draft.exit_code


def _write(context: Context, folder: str) -> int:
    from graphpolicy.commands.announce import write_templates

    written, left = write_templates(folder)
    for file in written:
        context.console.say(f"wrote {file}")
    for file in left:
        context.console.say(f"{file} already exists and was not changed")
    return Exit.DONE


def _texts(context: Context, folder: str | None) -> Texts:
    from graphpolicy.commands.announce import texts_of

    texts, mistakes = texts_of(folder)
    for mistake in mistakes:
        context.console.problem(mistake)
    if mistakes:
        context.console.say(
            "  help: `graphpolicy announce --write-templates FOLDER` writes all default texts"
        )
        raise click.exceptions.Exit(Exit.FAILED)
    return texts


def _deliver(context: Context, draft: Announcements) -> None:
    """Write the drafts: no file if there is no draft, a picture only if the prompt changes.

    The message and the note are for different people, so each has a file of its own, except in
    JSON.
    """
    from graphpolicy.announce import pictures
    from graphpolicy.render.announce import LETTERS

    console = context.console
    if not draft.announcements:
        kept = tuple(one for one in console.outputs if one == "-")
        if kept or not console.outputs or console.format != "text":
            replace(console, outputs=kept).show(draft)
        return
    if "svg" in console.formats and not any(any(pictures(each)) for each in draft.announcements):
        console.say("the plan does not change the app's prompt, so there is no picture")
        others = tuple(one for one in console.outputs if one == "-" or output_format(one) != "svg")
        if console.format == "svg" or not others:
            return
        console = replace(console, outputs=others)
    letters = tuple(one for one in console.outputs if one != "-" and output_format(one) in LETTERS)
    if letters and len(draft.parts) > 1:
        rest = tuple(one for one in console.outputs if one not in letters)
        if rest or console.format != "text":
            replace(console, outputs=rest).show(draft)
        for part in draft.parts:
            names = tuple(map(note_file, letters)) if part == "note" else letters
            own = replace(draft, parts=(part,))
            replace(console, outputs=names, format="text").show(own)
    else:
        console.show(draft)


def note_file(file: str) -> str:
    """The file of the note for the helpdesk beside that of the message."""
    stem, _, suffix = file.rpartition(".")
    return f"{stem}.helpdesk.{suffix}"
