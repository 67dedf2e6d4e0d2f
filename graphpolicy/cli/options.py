"""The flags that verbs share."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from graphpolicy.cli.console import Console
from graphpolicy.cli.context import Context as Context  # noqa: PLC0414 - verbs import it from here
from graphpolicy.cli.facts_option import read_facts
from graphpolicy.cli.flag_defaults import with_defaults
from graphpolicy.cli.flags import (
    Choice,
    F,
    all_filled,
    bundle,
    completing,
    each_named,
    filled,
    guid,
)
from graphpolicy.render import SUFFIXES, formats

AUTH_CHOICES = (
    *("auto", "github", "azure-pipelines", "workload", "managed"),
    *("secret", "certificate", "cli", "browser", "device-code"),
)


_common = bundle(
    click.option("-q", "--quiet", is_flag=True, help="Print only results, warnings and errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say which sign-in is used, and why."),
    click.option("--debug", is_flag=True, help="Print a line for each request; never a token."),
    click.option(
        "--color",
        type=Choice(("auto", "always", "never")),
        help="When to use colour; default: auto.",
    ),
    click.option(
        "--tenant",
        "tenants",
        metavar="NAME|ID",
        multiple=True,
        callback=each_named,
        shell_complete=completing("tenants"),
        help="Work on this tenant only; several with commas between them.",
    ),
    click.option(
        "--state-dir",
        metavar="DIR",
        shell_complete=completing("folders"),
        callback=filled,
        help="Where runs are recorded; default: .graphpolicy next to policies/.",
    ),
    click.option(
        "-C",
        "--chdir",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        help="Run as if started in DIR.",
    ),
)


def _gather(context: Context, given: dict[str, Any]) -> Context:
    """Put the common flags of one level over those of the level above."""
    folder = given.pop("chdir")
    if folder:
        os.chdir(folder)
    flags = {
        name: given.pop(name) or getattr(context.console, name)
        for name in ("quiet", "verbose", "debug", "color")
    }
    output = {"format": given.pop("format_", "text"), "outputs": given.pop("output", ())}
    console = replace(context.console, **flags, **output)
    auth, state_dir = given.pop("auth", None), given.pop("state_dir")
    client_id = given.pop("client_id", None)
    found = (
        *(("-C", folder), ("--auth", auth), ("--client-id", client_id)),
        ("--state-dir", state_dir),
    )
    common = tuple(word for flag, value in found if value for word in (flag, value))
    return replace(
        context,
        console=replace(console, common=(*console.common, *common)),
        tenants=given.pop("tenants") or context.tenants,
        auth=auth or context.auth,
        client_id=client_id or context.client_id,
        own_state_dir=state_dir or context.own_state_dir,
    )


def group_options(function: F) -> Any:
    """The common flags before the verb."""

    @wraps(function)
    def wrapper(**given: Any) -> Any:
        current = click.get_current_context()
        current.obj = _gather(Context(Console(typed=current.obj or ())), given)
        return function(**given)

    return _common(wrapper)


def verb_options(function: F) -> Any:
    """The common flags after the verb; the verb gets a `Context` as `context`."""

    @wraps(function)
    def wrapper(**given: Any) -> Any:
        current = click.get_current_context()
        context = with_defaults(_gather(current.obj, given), current)
        if given.get("path") and current.get_parameter_source("path") is ParameterSource.DEFAULT:
            given["path"] = default_paths()  # only now: -C has changed the folder
        check_places(context.console.outputs)
        if "facts_file" in given:
            facts = read_facts(context.console, given.pop("facts_file"), context.today)
            context = replace(context, own_facts=facts)
        return function(context, **given)

    return _common(wrapper)


facts_option = click.option(
    "--facts",
    "facts_file",
    metavar="FILE",
    shell_complete=completing("files"),
    help="Override built-in facts: Microsoft's defaults, limits and retirements.",
)
from_option = click.option(
    "--from",
    "from_",
    multiple=True,
    metavar="FILE",
    shell_complete=completing("files"),
    callback=all_filled,
    help="Read a saved response of Graph (az rest, Graph Explorer, EntraExporter) or a "
    "snapshot; needs no credentials. May be repeated; - is standard input.",
)


def tenant_options(*results: str, facts: bool = False) -> Callable[[Any], Any]:
    """`verb_options`, how to sign in, `--facts`, and the formats of these results."""

    auth = click.option(
        "--auth",
        type=Choice(AUTH_CHOICES),
        help="How to sign in; default: auto (AZURE_* and CI variables, a kept sign-in, Azure CLI "
        "where it suffices, then the browser).",
    )
    client_id = click.option(
        "--client-id",
        metavar="ID",
        callback=guid,
        help="The app to sign in through; default: AZURE_CLIENT_ID, or for a person Microsoft "
        "Graph Command Line Tools.",
    )
    formats_ = [format_options(*results)] if results else []
    return bundle(verb_options, auth, client_id, *([facts_option] if facts else []), *formats_)


def check_places(outputs: Iterable[str]) -> None:
    """Refuse an output file that can't be written before anything is done, not after an apply.

    It runs when `-C` has changed the folder.
    """
    from graphpolicy.disk.folders import refuse_left
    from graphpolicy.disk.opening import way_out
    from graphpolicy.disk.output_files import check_output

    for file in outputs:
        if file == "-":
            continue
        try:
            check_output(file)
            refuse_left(file)
        except OSError as error:
            fix = f"; {out}" if (out := way_out(error)) else ""
            raise click.BadParameter(f"{file}: {_why_not(file, error)}{fix}.") from error


def _why_not(file: str, error: OSError) -> str:
    """Why a file can't be written; the cause may be its folder."""
    if isinstance(error, FileNotFoundError):
        return "its folder does not exist"
    reason = error.strerror or type(error).__name__
    return reason if error.filename in (None, file) else f"{error.filename}: {reason}"


def _checked_suffixes(suffixes: Collection[str]) -> Callable[..., tuple[str, ...]]:
    """Refuse a file whose suffix stands for a format that the verb does not have."""

    def check(
        _context: click.Context, _option: click.Parameter, outputs: tuple[str, ...]
    ) -> tuple[str, ...]:
        for output in outputs:
            if output == "-":
                continue
            if f".{output.rpartition('.')[2].lower()}" not in suffixes:
                known = ", ".join(suffixes)
                raise click.BadParameter(f"{output}: the suffix must be one of {known}.")
        return outputs

    return check


def format_option(*results: str) -> Callable[[Any], Any]:
    """`--format` for stdout, with the formats that these results have."""
    return click.option(
        "--format",
        "format_",
        type=Choice(formats(*results)),
        default="text",
        show_default=True,
        help="Format of stdout.",
    )


def format_options(*results: str) -> Callable[[Any], Any]:
    """`--format` for stdout and `-o` for files, with the formats that these results have."""
    own = formats(*results)
    suffixes = sorted(suffix for suffix, format_ in SUFFIXES.items() if format_ in own)
    return bundle(
        format_option(*results),
        click.option(
            "-o",
            "--output",
            metavar="FILE",
            shell_complete=completing("files"),
            multiple=True,
            callback=_checked_suffixes(suffixes),
            help=f"Write a file in the format of its suffix: {' '.join(suffixes)}. "
            "May be repeated.",
        ),
    )


PATHS = """    PATH is a policy file, a folder of them, or - for standard input;
    the default is policies/ in this folder, or in the nearest one above it
    in the repository."""


def default_paths() -> tuple[str, ...]:
    """The paths of a verb if no PATH is given."""
    from graphpolicy.commands.defaults import policies_paths

    return policies_paths()


def paths(function: F) -> F:
    """The argument PATH, with its paragraph in --help."""
    function.__doc__ = f"{function.__doc__}\n\n{PATHS}"
    return click.argument("path", nargs=-1, default=("policies",), type=click.Path())(function)
