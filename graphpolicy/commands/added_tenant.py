"""init --add-tenant: one more tenant for a repository that exists."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from graphpolicy.commands.init import first_policy, write
from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.model import Finding, Tenant
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.load import Policies
from graphpolicy.policyfile.placeholders import TENANT_ID
from graphpolicy.starter.answers import ACCEPTED, Answers
from graphpolicy.starter.setup import added_page
from graphpolicy.starter.workflows import (
    FOLDER,
    VERBS,
    Environments,
    environments,
    in_use,
    short_names,
    with_tenant,
    workflows,
)


@dataclass(frozen=True, slots=True)
class Addition:
    """New files, and callers with one more tenant, by path.

    `by_hand` are callers that differ from what `init` writes, so they stay as they are. `own` are
    the environments of the tenant, `left` findings for the placeholders in its policy.
    """

    name: str
    files: Mapping[str, str]
    changed: Mapping[str, str]
    by_hand: tuple[str, ...]
    own: Environments
    left: tuple[Finding, ...]


def addition(
    folder: Path, answers: Answers, policies: Policies, policy: str = "", snapshot: str = ""
) -> Addition:
    """A tenant that joins those of a repository.

    Raises:
        UsageError: the policy has an error, or a file can't be read.
    """
    name = answers.tenant.name
    tenants = [*(tenant.name for tenant in policies.tenants), name]
    own = environments(tenants)[name]
    files, desired, left = first_policy(answers, policy, snapshot)
    changed, new, by_hand = _callers(folder, tenants, answers.host)
    short = short_names(changed.get(f"{FOLDER}/plan.yml", ""))
    page = added_page(
        answers,
        desired,
        left,
        CLOUDS[answers.tenant.cloud],
        tenants=tenants,
        short=short,
    )
    files = {**files, **new, f"SETUP-{name}.md": page}
    return Addition(name, files, changed, tuple(by_hand), own, left)


def joinable(tenant: Tenant, policies: Policies) -> None:
    """Refuse a tenant that the policies have already, compared without case.

    Raises:
        UsageError: they have its name or id, none at all, or files whose tenant is not clear.
    """
    if policies.unclear or not policies.tenants:
        raise UsageError(
            "the folder has no policy of a tenant, or one that can't be read; nothing was written",
            "`graphpolicy validate` says what is wrong; `graphpolicy init` starts a new repository",
            Exit.FAILED,
        )
    for other in policies.tenants:
        if other.name.casefold() == tenant.name.casefold():
            same = f"name {tenant.name}"
        elif tenant.id == other.id != TENANT_ID:
            same = f"id {tenant.id}"
        else:
            continue
        raise UsageError(
            f"the repository already has a tenant with the {same}: {other.name}, {other.id}; "
            "nothing was written",
            "choose another name, or change that tenant's file",
            Exit.FAILED,
        )


def extend(folder: Path, added: Addition) -> tuple[str, ...]:
    """Write the new files, then the callers; the paths of all of them.

    Raises:
        UsageError: one of the new files exists; nothing was written.
        OSError: a file can't be written.
    """
    if there := [path for path in added.files if os.path.lexists(folder / path)]:
        raise UsageError(
            f"{folder} already contains {', '.join(there)}; nothing was written",
            "move these files away, or choose another name for the tenant",
            Exit.FAILED,
        )
    written = write(folder, added.files).files
    for path, text in added.changed.items():
        (folder / path).write_bytes(text.encode())
    return (*written, *added.changed)


def environments_in(folder: Path) -> Mapping[str, Environments]:
    """The environments that the workflows of a repository name, by the tenant's name.

    The first tenant keeps the names that its environments had when it was the only one.
    """
    found: dict[str, Environments] = {}
    for path in (folder / FOLDER / f"{verb}.yml" for verb in VERBS):
        try:
            found |= in_use(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return found


def owners_of(folder: Path) -> tuple[str, ...]:
    """Who approves every file, from CODEOWNERS; () if nobody does."""
    try:
        text = (folder / ".github/CODEOWNERS").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()
    found = re.findall(r"^\*[ \t]+(.*)$", text, re.MULTILINE)
    fits, _ = ACCEPTED["owner"]
    return tuple(filter(fits, found[-1].split())) if found else ()


def _callers(
    folder: Path, tenants: list[str], host: str
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The callers with the last of the tenants, those that are new, and those to change by hand.

    Repositories of an older release have no doctor. Those with other pipelines need none.
    """
    changed: dict[str, str] = {}
    by_hand: list[str] = []
    for path in (f"{FOLDER}/{verb}.yml" for verb in VERBS):
        try:
            there = (folder / path).read_bytes().decode()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError):
            by_hand.append(path)
            continue
        try:
            text = with_tenant(there.replace("\r\n", "\n"), tenants)
        except ValueError:
            by_hand.append(path)
            continue
        changed[path] = text.replace("\n", "\r\n") if "\r\n" in there else text
    doctor = (f"{FOLDER}/graphpolicy-doctor.yml", f"{FOLDER}/doctor.yml")
    none = not changed and not by_hand
    if none or any((folder / path).exists() for path in doctor):
        return changed, {}, by_hand
    alone = workflows(tenants[:1], host)
    caller = with_tenant(alone[doctor[1]], tenants) if len(tenants) == 2 else ""
    new = {doctor[0]: alone[doctor[0]], doctor[1]: caller or workflows(tenants, host)[doctor[1]]}
    return changed, new, by_hand
