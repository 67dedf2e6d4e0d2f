"""tap: issue, list and revoke Temporary Access Passes. The only module that shows a pass."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli import user_selection as people
from graphpolicy.cli.flags import completing, filled
from graphpolicy.cli.helpdesk import HelpdeskContext, SecretFile, TerminalPrompter, check_shown
from graphpolicy.cli.options import Context, format_option, tenant_options
from graphpolicy.cli.signals import STOPPING
from graphpolicy.cli.streams import give_up_stdout
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.helpdesk.outcomes import Issuance


@click.group()
def tap() -> None:
    """Issue, list or revoke a person's Temporary Access Pass."""


def _moment(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Check a time with its UTC offset, and write it as Graph does."""
    if value is None:
        return None
    from datetime import UTC, datetime

    from graphpolicy.render.tap import wire

    try:
        moment = datetime.fromisoformat(value)
        known = moment.tzinfo is not None
        text = wire(moment) if known else ""
    except (ValueError, OverflowError) as error:
        text = "write it as in 2026-12-01T09:00+01:00"
        raise click.BadParameter(f"{value!r} is not a time: {text}.", param=option) from error
    if not known:
        text = f"add the offset from UTC, as in {value}+01:00 or {value}Z"
        raise click.BadParameter(f"{value!r} has no time zone: {text}.", param=option)
    if moment < datetime.now(UTC):
        raise click.BadParameter(
            f"{value!r} is in the past: a pass can't start then.", param=option
        )
    return text


@tap.command()
@people.person
@tenant_options()
@format_option("PassIssued")
@people.acting
@people.house_rules
@click.option(
    "--lifetime",
    type=click.IntRange(10, 43200),
    metavar="MINUTES",
    help="How long the pass is valid; default: as the policy says.",
)
@click.option(
    "--once/--reusable",
    default=None,
    help="Issue a one-time or a reusable pass; default: as the policy says.",
)
@click.option(
    "--starts",
    metavar="TIME",
    callback=_moment,
    help="Start, such as 2026-12-01T09:00+01:00; default: now.",
)
@click.option(
    "--out",
    metavar="FILE",
    shell_complete=completing("files"),
    callback=filled,
    help="Write the pass to a new file.",
)
@click.option("--reveal", is_flag=True, help="Include the pass in the JSON.")
@people.timeout_option("Seconds to look for the pass if Graph's response is lost.")
def issue(
    context: Context,
    user: str,
    *,
    reason: str,
    auto_approve: bool,
    lifetime: int | None,
    once: bool | None,
    starts: str | None,
    out: str | None,
    reveal: bool,
    verify_timeout: float,
    without_house_rules: bool,
) -> int:
    """Issue a pass for a person, within the tenant's limits and the house rules.

    USER is a user principal name or an object ID. The pass is shown once.
    """
    from graphpolicy.commands.tap_issue import issue as issue_pass
    from graphpolicy.helpdesk.access_pass import PassRequest

    format_ = context.console.format
    if reveal and format_ == "text":
        raise click.UsageError("--reveal is for --format json; text shows the pass anyway.")
    if reveal and out:
        raise click.UsageError("give --reveal or --out FILE, not both: a pass goes to one place.")
    wish = PassRequest(lifetime, once, starts)
    place = HelpdeskContext.of(
        context, "tap issue", reason, verify_timeout, without=without_house_rules
    )
    listing = place.command("tap", "list", user, acting=False)
    with (
        STOPPING.held(f"`{listing}` shows whether a pass was made"),
        SecretFile(out) as kept,
    ):  # a pass that was made must be shown

        def ready() -> None:
            """Create a pass only if it can be shown: Graph never shows it again."""
            kept.check()
            if not out:
                _check_stream(format_, reveal=reveal)

        asking = TerminalPrompter(place, auto_approve=auto_approve, ready=ready)
        result = place.run(lambda desk: issue_pass(desk, user, wish, asking), asking)
        return _show_issue(place, result, kept, reveal=reveal)


def _check_stream(format_: str, *, reveal: bool) -> None:
    if format_ != "text" and not reveal:
        check_shown(sys.stderr, "open it, or use --reveal or --out FILE")
    else:
        check_shown(sys.stdout, "open it, or write the pass to a file with --out FILE")


def _show_issue(place: HelpdeskContext, result: Issuance, kept: SecretFile, *, reveal: bool) -> int:
    """Show a pass in one place: the file, the JSON with --reveal, or the text.

    Returns the exit code, which is 1 if a pass was made and could not be shown.
    """
    from graphpolicy.helpdesk.outcomes import PassIssued
    from graphpolicy.render import render

    console, secret = place.context.console, result.secret
    if secret is not None:
        whole = PassIssued(place.tenant, result, secret)
        kept.write(render(whole, "text", console.style(sys.stdout)))
    in_text, read = None if kept.file or reveal else secret, False
    stream = sys.stdout if console.format == "text" else sys.stderr
    try:
        if result.ending == "issued" and not reveal:
            shown = PassIssued(place.tenant, result, in_text, kept.file or "")
            stream.write(render(shown, "text", console.style(stream)))
            stream.flush()
            read = True
        if console.format != "text":
            console.show(PassIssued(place.tenant, result, secret if reveal else None))
    except OSError as error:  # the stream could be written before the question, and now it can't
        if read:  # the pass itself, and only its JSON is lost; a reader that left wants no more
            give_up_stdout()
            if isinstance(error, BrokenPipeError):
                return Exit.DONE
            console.problem(f"stdout: {error.strerror}")
            return Exit.FAILED
        if secret is None or kept.file:
            raise
        give_up_stdout()
        lost = f"the pass was made but can't be shown: {error.strerror}"
        again = _again(place, result, None, reveal=reveal)
        console.problem(lost, f"`{again}` issues another in its place")
        return Exit.FAILED
    show_trouble(place.context, result)
    if result.ending == "lost":
        console.problem(
            "this pass can no longer be shown; no second pass was made",
            f"`{_again(place, result, kept.file, reveal=reveal)}` replaces it",
        )
    return result.exit_code


def _again(place: HelpdeskContext, result: Issuance, file: str | None, *, reveal: bool) -> str:
    """The command that replaces a pass whose secret is lost, with the same tenant and options."""
    asked, format_ = result.asked, place.context.console.format
    words = ["tap", "issue", result.person.name]
    words += ["--lifetime", str(asked.lifetime), "--once" if asked.once else "--reusable"]
    words += ["--starts", asked.starts] if asked.starts else []
    flags = ["--out", file] if file else []
    flags += ["--format", format_] if format_ != "text" else []
    flags += ["--reveal"] if reveal else []
    return place.command(*words, flags=[*flags, "--auto-approve"])


@tap.command("list")
@tenant_options("PassList")
@people.user_selection
def list_(context: Context, **selection: str | None) -> int:
    """Show who has a pass, and until when; never the pass itself."""
    from graphpolicy.commands.tap_list import holdings
    from graphpolicy.helpdesk.outcomes import PassList

    return people.show_list(context, "tap list", selection, holdings, PassList)


@tap.command()
@people.person
@tenant_options("PassRevoked")
@people.acting
def revoke(context: Context, user: str, *, reason: str, auto_approve: bool) -> int:
    """Revoke a person's pass.

    USER is a user principal name or an object ID.
    """
    from graphpolicy.commands.tap_revoke import revoke as revoke_passes
    from graphpolicy.helpdesk.outcomes import PassRevoked

    place = HelpdeskContext.of(context, "tap revoke", reason)
    asking = TerminalPrompter(place, auto_approve=auto_approve)
    listing = place.command("tap", "list", user, acting=False)
    with STOPPING.held(f"`{listing}` shows whether the pass is still there"):
        result = place.run(lambda desk: revoke_passes(desk, user, asking.revoke), asking)
        code = context.console.answer(PassRevoked(place.tenant, result), told=True, done=True)
        show_trouble(context, result)
    return code


def show_trouble(context: Context, result: Any) -> None:
    """Print to stderr, whatever the format: which rules refuse, and what went wrong."""
    from graphpolicy.render.tap import refusing

    console = context.console
    rules = refusing(result.findings)
    if rules:
        console.tell(result.findings)
        console.problem(f"refused: {', '.join(rules)}; nothing was done")
    if result.ending == "declined":
        console.say("declined; nothing was done")
    if result.error:
        console.problem(result.error, result.help)
