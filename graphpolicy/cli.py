"""The command line: flags, streams and exit codes. Verbs live in `commands/`, imported when run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphpolicy import __version__
from graphpolicy.options import (
    Context,
    connection_options,
    format_options,
    group_options,
    paths,
    verb_options,
)

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, Report
    from graphpolicy.plan import Planned

USAGE, INTERRUPTED = 64, 130
T = TypeVar("T")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="graphpolicy %(version)s, policy language 1")
@group_options
def cli() -> None:
    """Keep a Microsoft Entra tenant's authentication methods policy in git.

    Begin with `graphpolicy demo`: it shows everything on a mock tenant.
    """


@cli.command()
@paths
@verb_options
@format_options("text", "json")
def validate(context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...]) -> int:
    """Check policy files without a tenant: language, schema, values."""
    from graphpolicy.policyfile.load import load
    from graphpolicy.render.as_json import findings
    from graphpolicy.render.findings import render_findings

    policies = load(path)
    console = context.console
    for file in output:
        if file == "-":
            continue
        text = (
            findings(policies.findings, policies.files)
            if file.endswith(".json")
            else render_findings(policies.findings, policies.files, color=False)
        )
        console.write_file(file, text)
    if format_ == "json":
        console.result(findings(policies.findings, policies.files))
    elif not output or "-" in output:
        color = console.colored(sys.stdout)
        console.result(render_findings(policies.findings, policies.files, color=color))
    return 0 if policies.sound else 1


@cli.command()
@paths
@verb_options
@connection_options
@format_options("text", "json")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 when there are changes and 6 when a rule refuses them.",
)
def plan(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    detailed_exitcode: bool,
) -> int:
    """Show what would change in the tenant, and for whom. Never writes."""
    from graphpolicy.commands import exit_codes

    report = _plans(context, "plan", path)
    if report is None:
        return 1
    context.console.report(report, format_, output)
    return exit_codes.of_plan(report, detailed=detailed_exitcode)


@cli.command()
@paths
@verb_options
@connection_options
@format_options("text", "json")
def drift(context: Context, path: tuple[str, ...], format_: str, output: tuple[str, ...]) -> int:
    """Find what differs from the files. Never writes; exit 2 when something does."""
    from graphpolicy.commands import exit_codes

    report = _plans(context, "drift", path)
    if report is None:
        return 1
    context.console.report(report, format_, output)
    return exit_codes.of_drift(report)


@cli.command()
@paths
@verb_options
@connection_options
@format_options("text", "json")
@click.option("--auto-approve", is_flag=True, help="Do not ask (for pipelines).")
@click.option("--confirm", metavar="NAME", help="The tenant's name, where a plan is risky.")
@click.option(
    "--verify-timeout",
    type=click.FloatRange(0, 600),
    default=30.0,
    show_default=True,
    help="Seconds that a write may take to show up.",
)
def apply(
    context: Context,
    path: tuple[str, ...],
    format_: str,
    output: tuple[str, ...],
    *,
    auto_approve: bool,
    confirm: str | None,
    verify_timeout: float,
) -> int:
    """Plan, ask, write, and read every write back."""
    from graphpolicy.approval import Approval
    from graphpolicy.commands import exit_codes
    from graphpolicy.commands.apply import apply as apply_policies
    from graphpolicy.graph.write import Pace

    policies = _policies(context, path)
    if policies is None:
        return 1
    approval = Approval(context.console, format_, auto_approve=auto_approve, confirm=confirm)

    def run(session: Session, say: Callable[[str], None]) -> Coroutine[Any, Any, Report]:
        def approve(planned: Planned) -> bool:
            getattr(say, "pause", lambda: None)()
            return approval(planned.plan)

        return apply_policies(session, policies, approve, Pace(verify_timeout), say)

    report = _connected(context, run)
    context.console.report(report, format_, output, brief=True)
    return exit_codes.of_apply(report)


@cli.command()
@verb_options
@connection_options
@click.option("-o", "--output", metavar="FILE", help="Write a new file instead of printing.")
def pull(context: Context, output: str | None) -> int:
    """Print the tenant's live policy as YAML."""
    from graphpolicy.commands.pull import pull as pull_policy
    from graphpolicy.commands.tenants import own_tenant

    if output and os.path.lexists(output):
        raise click.ClickException(f"{output} exists and is left as it is; name a new file")
    tenant = own_tenant(context.tenant, context.environment)
    text = _connected(context, lambda session, _say: pull_policy(session.tenant(tenant), tenant))
    if output:
        context.console.write_file(output, text)
        context.console.say(f"`graphpolicy plan {output}` finds nothing to change")
    else:
        context.console.result(text)
    return 0


@cli.command()
@verb_options
def schema(context: Context) -> int:
    """Print the JSON Schema of the policy language, for editors."""
    import json

    from graphpolicy.policyfile.schema import schema as policy_schema

    context.console.result(json.dumps(policy_schema(), indent=2) + "\n")
    return 0


@cli.command()
@verb_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--seed", default="contoso", show_default=True, help="Which tenant to begin with.")
@click.option(
    "--switch", multiple=True, metavar="NAME=VALUE", help="How it answers where Graph is unclear."
)
@click.option("--describe", is_flag=True, help="Print what the mock claims about Graph, and why.")
def mock(context: Context, port: int, seed: str, switch: tuple[str, ...], *, describe: bool) -> int:
    """Serve a mock Graph on loopback, until Ctrl-C."""
    import json

    from graphpolicy import mock as graph
    from graphpolicy.render.table import render_table

    if describe:
        rows = [(rule.tag, rule.name, rule.text, rule.source) for rule in graph.describe()]
        head = ("EVIDENCE", "RULE", "SAYS", "SOURCE")
        context.console.result(render_table(head, rows, context.console.style(sys.stdout)))
        return 0
    try:
        served = graph.Mock(seed=seed)
        served.set_switches(**dict(item.partition("=")[::2] for item in switch))
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    def ready(server: graph.Server) -> None:
        context.console.result(json.dumps(server.line) + "\n")

    graph.run(served, port, ready)
    return 0


@cli.command()
@verb_options
@click.argument("folder", type=click.Path(), default="graphpolicy-demo")
def demo(context: Context, folder: str) -> int:
    """Take the guided tour on a mock tenant; about ten seconds."""
    from graphpolicy.commands.demo import free_folder, tour

    console = context.console
    free = free_folder(folder)
    for step in tour(free, console.colored(sys.stdout)):
        console.result(f"# {step.why}\n$ {step.command}\n{step.output}\n")
    console.result(f"# That was all. The files are in {free / 'policies'}: change one and look.\n")
    return 0


def _policies(context: Context, path: tuple[str, ...]) -> list[Desired] | None:
    """The deployable policies, or None after saying what is wrong with them."""
    from graphpolicy.policyfile.load import load
    from graphpolicy.render.findings import finding_lines

    console = context.console
    policies = load(path)
    color = console.colored(sys.stderr)
    for finding in policies.findings:
        for line in finding_lines(finding, color=color):
            click.echo(line, err=True, color=color)
    if not policies.sound:
        console.problem("the policy files have errors; nothing was read and nothing was written")
        return None
    wanted = [
        desired
        for desired in policies.desired
        if context.tenant is None
        or context.tenant == desired.tenant.name
        or context.tenant.lower() == desired.tenant.id
    ]
    if not wanted:
        names = ", ".join(desired.tenant.name for desired in policies.desired)
        if names:
            console.problem(f"no file is for tenant {context.tenant!r}", f"there is: {names}")
        else:
            console.problem(
                f"no deployable policy file under {', '.join(path)}",
                "a deployable file has a `tenant:` block with the tenant's id",
            )
        return None
    return wanted


def _plans(context: Context, verb: str, path: tuple[str, ...]) -> Report | None:
    from graphpolicy.commands.planning import plan_each
    from graphpolicy.model import Failure, Report

    policies = _policies(context, path)
    if policies is None:
        return None
    planned = _connected(context, lambda session, _say: plan_each(session, policies))
    plans = tuple(item if isinstance(item, Failure) else item.plan for item in planned)
    return Report(verb, plans)


def _connected(
    context: Context, run: Callable[[Session, Callable[[str], None]], Coroutine[Any, Any, T]]
) -> T:
    """Run a verb inside one event loop with one connection to Graph."""
    import asyncio

    from graphpolicy.graph.connection import chosen, connection
    from graphpolicy.graph.session import open_session
    from graphpolicy.progress import progress

    connected = connection(context.environment, context.auth)
    if context.console.verbose:
        context.console.say("signing in with {}, because {}".format(*chosen(connected)))

    async def go() -> T:
        with progress(context.console) as say:
            async with open_session(connected, say, trace=context.console.trace) as session:
                return await run(session, say)

    return asyncio.run(go())


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: run, and turn every way of ending into its exit code."""
    from graphpolicy.console import Console, prepare_streams

    prepare_streams()
    debug = "--debug" in (sys.argv if arguments is None else arguments)
    try:
        code = cli.main(arguments, prog_name="graphpolicy", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        Console().problem(error.format_message())
        code = 1
    except (click.Abort, KeyboardInterrupt):
        Console().problem("interrupted", "run `graphpolicy plan` to see where the tenant stands")
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches users
        code = _unexpected(error, debug=debug)
    sys.exit(code if isinstance(code, int) else 0)


def _unexpected(error: Exception, *, debug: bool) -> int:
    from graphpolicy.console import Console

    text, fix = getattr(error, "text", None), getattr(error, "help", "")
    code = getattr(error, "exit_code", None)
    if isinstance(text, str) and isinstance(code, int):  # a failure that knows what to say
        Console().problem(text, fix)
        return code
    if isinstance(error, ModuleNotFoundError) and error.name in ("starlette", "uvicorn"):
        Console().problem(
            f"the mock needs {error.name}, which is not installed",
            "pip install 'graphpolicy[mock]'",
        )
        return 1
    if isinstance(error, OSError):
        Console().problem(f"{error.filename or 'file'}: {error.strerror or type(error).__name__}")
        return 1
    Console().problem(
        f"this should not happen: {type(error).__name__}: {error}",
        "run it again with --debug and report what it prints",
    )
    if debug:
        import traceback

        traceback.print_exception(error)
    return 1
