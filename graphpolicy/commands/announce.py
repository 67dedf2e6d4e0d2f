"""announce: each tenant's plan as a proposal, made now or read from a file; and the templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from graphpolicy.announce.proposal import Proposal, of_json, of_plan
from graphpolicy.announce.texts import FILES, Texts, default_files, default_texts, read
from graphpolicy.commands.plan_file import PlanFile, PlanFileError, review, why_none
from graphpolicy.disk.folders import read_inside, refuse_left
from graphpolicy.model import Failure, Json, Plan, Tenant
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit
from graphpolicy.rules.table import RULES

Proposed = Proposal | Failure


def proposed(plans: Iterable[Plan | Failure]) -> list[Proposed]:
    """What can be announced from plans that were made now."""
    return [
        plan if isinstance(plan, Failure) else _allowed(of_plan(plan), plan.file) for plan in plans
    ]


def read_proposals(file: str, wanted: str | None, flags: Sequence[str] = ()) -> list[Proposed]:
    """What can be announced from the plans in a file; `wanted` picks a tenant by name or id.

    `flags` are flags to repeat in a command that plans again.

    Raises:
        PlanFileError: it is not a plan file, has another format version, or has no plan for that
            tenant.
    """
    source = PlanFile.of(file, (wanted,) if wanted else (), (), flags)
    data = source.document()
    try:
        found = [_read(plan, file) for plan in data["plans"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise source.altered(f"is incomplete or was altered: {error!r}") from error
    chosen = [
        each
        for each in found
        if wanted is None or wanted == each.tenant.name or wanted.lower() == each.tenant.id
    ]
    if not chosen:
        names = ", ".join(each.tenant.name for each in found)
        whose = f" for tenant {wanted!r}" if wanted else why_none(data)
        text = f"{file} contains no plan{whose}"
        raise PlanFileError(text, f"its tenants are: {names}" if names else review(source.again))
    return chosen


def _read(plan: Json, file: str) -> Proposed:
    if "error" in plan:
        text = f"{file} contains no plan for it: {plan['error']['message']}"
        tenant = Tenant(**plan["tenant"])
        return Failure(tenant, file, plan["error"]["code"], text, "plan again")
    return _allowed(of_json(plan), file)


def _allowed(proposal: Proposal, file: str) -> Proposed:
    """The proposal, or a failure if its plan is refused: then nothing changes for people."""
    if not proposal.refused:
        return proposal
    text = f"the plan is refused, so there is nothing to announce: {proposal.refused}"
    counts = any(RULES[each].counted for each in proposal.refused.split(", ") if each in RULES)
    see = command("plan", *["--impact"] * counts)
    fix = f"fix or accept what {see} finds first"
    return Failure(proposal.tenant, file, "refused", text, fix, Exit.REFUSED)


def texts_of(folder: str | None) -> tuple[Texts, list[str]]:
    """A team's own texts, or the default ones; and every mistake in them."""
    if folder is None:
        return default_texts(), []
    if not Path(folder).is_dir():
        return default_texts(), [f"{folder}: this folder does not exist"]
    given: dict[str, str] = {}
    broken: list[str] = []
    for name in FILES:
        try:
            given[name] = read_inside(Path(folder, name)).decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            broken.append(f"{name}: it can't be read: {why}")
    texts, mistakes = (default_texts(), broken) if broken else read(given)
    return texts, [str(Path(folder, mistake)) for mistake in mistakes]


def write_templates(folder: str) -> tuple[list[str], list[str]]:
    """Write the default texts into a folder; files that exist stay as they are.

    Returns:
        The files that were written, and those that existed.
    """
    refuse_left(str(Path(folder, FILES[0])))
    Path(folder).mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    left: list[str] = []
    for name, content in default_files().items():
        path = Path(folder, name)
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(content)
        except FileExistsError:
            left.append(str(path))
        else:
            written.append(str(path))
    return written, left
