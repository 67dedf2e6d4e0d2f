"""init: the first files of a repository. Answers come from flags or a terminal, or stay open."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphpolicy.cli.connect import connected, unless_failed
from graphpolicy.cli.flags import bundle
from graphpolicy.cli.options import Context, from_option, tenant_options
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.cli.console import Console
    from graphpolicy.commands.added_tenant import Addition
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Tenant
    from graphpolicy.policyfile.graph_answers import SavedTenant
    from graphpolicy.policyfile.load import Policies
    from graphpolicy.starter.answers import Answers

QUESTIONS = (
    ("tenant-name", "NAME", "The tenant's name in the files."),
    ("tenant-id", "ID", "The tenant's ID, a GUID."),
    ("repository", "OWNER/NAME", "The repository on GitHub; default: the remote origin."),
    ("pilot-group", "GROUP", "The group that gets changes first."),
    ("assisted-group", "GROUP", "The group whose members may get a pass from the helpdesk."),
    ("emergency-access", "NAME", "Who must always get in: a group, or a user principal name."),
    ("owner", "@WHO", "Who approves changes: a person or a team on GitHub."),
)
"""Each flag: name, metavar and help, which is also the question at a terminal if it is missing."""
SEVERAL = ("emergency-access", "owner")


def _accepted(_context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Refuse an answer that would mean something else in YAML, Markdown or a shell."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    for each in given:
        if wrong := _wrong(str(option.name).replace("_", "-"), each):
            raise click.BadParameter(wrong, param=option)
    return value


def _wrong(name: str, answer: str) -> str:
    from graphpolicy.render.escape import short
    from graphpolicy.starter.answers import ACCEPTED

    fits, what = ACCEPTED[name]
    return "" if fits(answer) else f"{short(answer, 60)!r} is not {what}."


question_options = bundle(
    *(
        click.option(
            f"--{name}",
            metavar=metavar,
            multiple=name in SEVERAL,
            callback=_accepted,
            help=what + (" May be repeated." if name in SEVERAL else ""),
        )
        for name, metavar, what in QUESTIONS
    )
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False), default=".")
@tenant_options()
@question_options
@click.option(
    "--cloud",
    type=click.Choice(("global", "usgov", "usgov-dod", "china")),
    default="global",
    show_default=True,
    help="The tenant's Microsoft cloud.",
)
@click.option("--from-tenant", is_flag=True, help="Start with the tenant's live policy.")
@click.option(
    "--add-tenant",
    metavar="NAME",
    help="Add a tenant with this name to the existing repository in FOLDER.",
)
@from_option
def init(
    context: Context,
    folder: str,
    *,
    cloud: Any,
    from_tenant: bool,
    add_tenant: str | None,
    from_: tuple[str, ...],
    **given: Any,
) -> int:
    """Write the first files of a repository: policy, workflows, guide.

    They go to FOLDER, by default this folder; no file is overwritten. At a terminal it asks for
    each value that no flag gives. Elsewhere such a value becomes a placeholder, which `validate`
    accepts and `plan` refuses.

    --add-tenant adds a tenant to a repository: its policy, a row in each workflow, and
    SETUP-NAME.md.
    """
    from graphpolicy.commands.added_tenant import addition, owners_of
    from graphpolicy.commands.init import starter, write
    from graphpolicy.commands.package_hashes import installed
    from graphpolicy.commands.pull import saved

    if add_tenant is not None:
        _name_of_added(context, add_tenant, given)
        given["owner"] = given["owner"] or owners_of(Path(folder))
    if from_ and from_tenant:
        raise click.UsageError("give --from or --from-tenant, not both.")
    raw = saved(from_) if from_ else None
    answers = _answers(context, Path(folder), cloud, given, raw, from_tenant=from_tenant)
    policies = _policies_to_join(Path(folder), answers.tenant) if add_tenant else None
    policy, snapshot = _saved(context, answers, raw) if raw else "", ""
    if from_tenant:
        policy, snapshot = _live(context, answers, Path(folder))
    if policies:
        added = addition(Path(folder), answers, policies, policy, snapshot)
        return _add(context.console, Path(folder), added)
    package = installed(context.environment)
    whole = starter(answers, package, policy, snapshot)
    done = write(Path(folder), whole.files)
    console = context.console
    console.result("".join(f"wrote {Path(folder) / path}\n" for path in done.files))
    for path, text in done.kept.items():
        lines = "; ".join(line for line in text.splitlines() if not line.startswith("#"))
        console.say(f"note: {path} already exists and was not changed; it should have: {lines}")
    for found in whole.left:
        console.say(f"to fill in: {Path(folder) / str(found.source)}: {found.help}")
    if not package.locked:
        console.say(
            f"note: {package.origin}: pip refuses .github/graphpolicy.txt until its last line "
            "has a hash; SETUP.md says how to add one"
        )
    where = [] if folder == "." else [(Path(folder) / "policies").as_posix()]
    first = f"fill in what is listed, then {command('validate', *where)}"
    following = first if whole.left else command("plan", *where)
    console.say(f"next: {following}; then follow SETUP.md up to the first merge")
    return Exit.DONE


def _name_of_added(context: Context, name: str, given: dict[str, Any]) -> None:
    """Use the name of --add-tenant as the tenant's name."""
    from graphpolicy.catalogue.shared import GUID

    if wrong := _wrong("tenant-name", name):
        raise click.UsageError(f"--add-tenant: {wrong}")
    named = context.tenant if context.tenant and not re.fullmatch(GUID, context.tenant) else None
    for flag, other in (("--tenant-name", given["tenant_name"]), ("--tenant", named)):
        if other:
            raise click.UsageError(f"give --add-tenant or {flag}, not both.")
    given["tenant_name"] = name


def _policies_to_join(folder: Path, tenant: Tenant) -> Policies:
    """The policies of the folder, which have neither the tenant's name nor its id."""
    from graphpolicy.commands.added_tenant import joinable
    from graphpolicy.policyfile.load import load

    policies = load([str(folder / "policies")])
    joinable(tenant, policies)
    return policies


def _add(console: Console, folder: Path, added: Addition) -> int:
    """Write what a tenant adds to the repository, and say what is left to do."""
    from graphpolicy.commands.added_tenant import extend

    for path in extend(folder, added):
        done = "added the tenant to" if path in added.changed else "wrote"
        console.result(f"{done} {folder / path}\n")
    for path in added.by_hand:
        console.say(
            f"note: {path} was not changed, because it differs from what init writes: make it "
            f"call the workflow with tenant: {added.name}, plan-environment: {added.own.read} "
            f"and, for apply and doctor, apply-environment: {added.own.write}"
        )
    if not added.changed and not added.by_hand:
        console.say(
            "note: the folder has none of the workflows that init writes: make your pipelines "
            f"run for {added.name} as well, with an application of its own"
        )
    for found in added.left:
        console.say(f"to fill in: {folder / str(found.source)}: {found.help}")
    console.say(f"next: follow SETUP-{added.name}.md up to its merge")
    return Exit.DONE


def _answers(
    context: Context,
    folder: Path,
    cloud: Any,
    given: dict[str, Any],
    raw: SavedTenant | None,
    *,
    from_tenant: bool,
) -> Answers:
    """The answers: from flags, else a snapshot, else the terminal, else placeholders."""
    from graphpolicy.catalogue.shared import GUID
    from graphpolicy.commands.init import repository_at
    from graphpolicy.commands.tenants import own_tenant
    from graphpolicy.model import Tenant
    from graphpolicy.starter.answers import GITHUB, Answers

    name = "tenant-id" if re.fullmatch(GUID, context.tenant or "") else "tenant-name"
    if context.tenant and (wrong := _wrong(name, context.tenant)):
        raise click.UsageError(f"--tenant: {wrong}")
    flag = name.replace("-", "_")
    said = {**given, flag: given[flag] or context.tenant}
    remote = repository_at(folder)
    if from_tenant and not said["tenant_id"]:
        said["tenant_id"] = own_tenant(None, context.environment).id
    if raw and raw.tenant:
        said["tenant_name"] = said["tenant_name"] or raw.tenant.name
        said["tenant_id"] = said["tenant_id"] or raw.tenant.id
        cloud = raw.tenant.cloud
    unfilled = Answers()
    answers: dict[str, Any] = {
        "tenant_name": unfilled.tenant.name,
        "tenant_id": unfilled.tenant.id,
        "repository": remote[1] if remote else unfilled.repository,
        "pilot_group": unfilled.pilot,
        "assisted_group": unfilled.assisted,
        "emergency_access": unfilled.emergency,
        "owner": unfilled.owners,
    }
    for name, _metavar, what in QUESTIONS:
        key = name.replace("-", "_")
        if said[key]:
            answers[key] = said[key]
        elif sys.stdin.isatty() and not ((from_tenant or raw) and name.endswith("-group")):
            answers[key] = _asked(name, what, answers[key])
    tenant = Tenant(answers["tenant_name"], answers["tenant_id"].lower(), cloud)
    return replace(
        unfilled,
        tenant=tenant,
        repository=answers["repository"],
        host=remote[0] if remote and remote[1] == answers["repository"] else GITHUB,
        pilot=answers["pilot_group"],
        assisted=answers["assisted_group"],
        emergency=tuple(answers["emergency_access"]),
        owners=tuple(answers["owner"]),
    )


def _asked(name: str, what: str, default: Any) -> Any:
    """Ask until the answer is valid; Enter takes the default."""
    several = name in SEVERAL

    def checked(answer: Any) -> Any:
        each = tuple(part.strip() for part in str(answer).split(",")) if several else str(answer)
        for one in each if isinstance(each, tuple) else (each,):
            if wrong := _wrong(name, one):
                raise click.UsageError(wrong)
        return each

    shown = ", ".join(default) if several else default
    more = " (separate several with commas)" if several else ""
    return click.prompt(f"{what[:-1]}{more}", default=shown, value_proc=checked, err=True)


def _saved(context: Context, answers: Answers, raw: SavedTenant) -> str:
    """The policy file with saved values."""
    from graphpolicy.commands.pull import from_saved

    return _filled(context, answers, *from_saved(raw, answers.tenant))


def _live(context: Context, answers: Answers, folder: Path) -> tuple[str, str]:
    """The policy file with live values, and the snapshot to keep beside it, by one sign-in.

    A snapshot that exists stays as it is if it says the same.
    """
    from graphpolicy.commands.kept_snapshot import snapshot_file
    from graphpolicy.commands.pull import pull, take_snapshot
    from graphpolicy.disk.json_text import decoded
    from graphpolicy.journal.snapshot import from_json, says_the_same, stable

    tenant, now = answers.tenant, context.now()

    async def run(session: Session, _say: object) -> tuple[Any, Any]:
        graph = session.tenant(tenant)
        return await pull(graph, tenant), await take_snapshot(graph, tenant, now)

    pulled, made = connected(context, run)
    policy = _filled(context, answers, *unless_failed(context, pulled))
    taken, _ = unless_failed(context, made)
    try:
        text = (folder / snapshot_file("policies/x.yaml", tenant)).read_text(encoding="utf-8")
        if says_the_same(from_json(decoded(text)), taken):
            return policy, text
    except (OSError, ValueError):
        pass
    return policy, stable(taken)


def _filled(context: Context, answers: Answers, text: str, notes: Iterable[str]) -> str:
    """A policy file with the emergency accounts, if they were given. Says the notes about it."""
    from graphpolicy.starter.answers import Answers
    from graphpolicy.starter.baseline import with_emergency

    for note in notes:
        context.console.say(note)
    return text if answers.emergency == Answers().emergency else with_emergency(text, answers)
