"""SETUP.md: the steps from a new repository to one whose merges are applied to the tenant."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import count
from string import Template
from typing import Literal

from graphpolicy.catalogue.permissions import APP_ROLES, GRAPH
from graphpolicy.graph.addresses import CloudAddresses
from graphpolicy.model import Cloud, Desired, Finding
from graphpolicy.plan.verb_permissions import Verb, VerbPermission, needs
from graphpolicy.policyfile.placeholders import TENANT_ID
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.starter.answers import GITHUB, OWNER, REPOSITORY, Answers, is_server
from graphpolicy.starter.workflows import LIST, Environments, Package, environments, shorts

CHECKS = ("plan / Validate", "plan / Plan")
"""The checks that a pull request must pass: jobs of the plan workflow, as GitHub names them."""

AZ_CLOUDS: Mapping[Cloud, str] = {
    "usgov": "AzureUSGovernment",
    "usgov-dod": "AzureUSGovernment",
    "china": "AzureChinaCloud",
}


class _Page(Template):
    """A template for pages with shell code, in which $ has its own meaning."""

    delimiter = "%"


def setup_page(
    answers: Answers,
    desired: Desired,
    left: Sequence[Finding],
    package: Package,
    cloud: CloudAddresses,
) -> str:
    """SETUP.md for the first tenant of a repository.

    `left` are the placeholders in the policy files, `cloud` the addresses of the tenant's cloud.
    """
    tenant = answers.tenant.name
    return _page(
        "first",
        answers,
        desired,
        cloud,
        environments((tenant,))[tenant],
        left="\n".join(_left(answers, left)) or "Nothing: `init` has all of it.",
        checks=CHECKS,
        package=_package(package),
    )


def added_page(
    answers: Answers,
    desired: Desired,
    left: Sequence[Finding],
    cloud: CloudAddresses,
    *,
    tenants: Sequence[str],
    short: Sequence[str],
) -> str:
    """The page for a tenant that joins a repository; `tenants` are all tenants that it has then.

    `short` are their short names in the workflow that plans, if that has them all.
    """
    return _page(
        "added",
        answers,
        desired,
        cloud,
        environments(tenants)[answers.tenant.name],
        left="\n".join(_left(answers, left)) or "Nothing: `init` has all of it.",
        checks=[called(each, name) for name in short for each in CHECKS],
        branch=shorts(tenants)[answers.tenant.name],
    )


def called(check: str, short: str) -> str:
    """The name of a check where the workflow runs once for each tenant."""
    caller, _, job = check.partition(" / ")
    return f"{caller} ({short}) / {job}"


def _page(
    kind: Literal["first", "added"],
    answers: Answers,
    desired: Desired,
    cloud: CloudAddresses,
    environment: Environments,
    *,
    checks: Sequence[str],
    **more: str,
) -> str:
    wanted = needs(desired)
    owner, _, repository_name = answers.repository.partition("/")
    tenant = answers.tenant
    az = AZ_CLOUDS.get(tenant.cloud)
    if kind == "added":  # the tenants before may be in another cloud
        az = az or "AzureCloud"
    counting = _extra(wanted)
    kinds = {kind, *(("counting",) if counting else ())}
    if kind == "added":
        kinds.add("more" if checks else "same")
    if is_server(answers.host):
        kinds.add("server")
    page = files(__package__).joinpath("setup.md").read_text(encoding="utf-8")
    return _Page(_numbered(_of_kinds(page, kinds))).substitute(
        name=tenant.name,
        id=tenant.id,
        file=f"policies/{tenant.name}.yaml",
        permissions="\n".join(_table(wanted, tenant.cloud)),
        plan_roles=" ".join(permissions(wanted, ("plan",))),
        apply_roles=" ".join(permissions(wanted, ("plan", "apply"))),
        impact="\n".join(_counting(wanted, tenant.cloud)),
        impact_roles=" ".join(counting),
        cloud=f"az cloud set --name {az}\n" if az else "",
        graph=cloud.root,
        graph_app=GRAPH,
        audience=cloud.audience,
        repository=answers.repository,
        owner=owner,
        repository_name=repository_name,
        host=answers.host,
        issuer=issuer(answers.host),
        approvers=" ".join(answers.owners),
        checks=json.dumps(checks),
        names=", ".join(f"'{each}'" for each in checks),
        plan=environment.read,
        apply=environment.write,
        **more,
    )


def _of_kinds(page: str, kinds: Collection[str]) -> str:
    """The template without what is for other kinds of pages."""
    parts = re.split(r"^<!-- ([a-z]+) -->\n", page, flags=re.MULTILINE)
    named = zip(["end", *parts[1::2]], parts[::2], strict=True)
    return "".join(text for name, text in named if name == "end" or name in kinds)


def _numbered(page: str) -> str:
    number = count(1)
    return re.sub(r"^## ", lambda _: f"## {next(number)}. ", page, flags=re.MULTILINE)


def issuer(host: str) -> str:
    """The issuer of the tokens of jobs (GitHub: "OpenID Connect reference", also for a server).

    For GHE.com: "Feature overview for GitHub Enterprise Cloud with data residency".
    """
    if host == GITHUB:
        return "https://token.actions.githubusercontent.com"
    return f"https://{host}/_services/token" if is_server(host) else f"https://token.actions.{host}"


def permissions(
    wanted: Iterable[VerbPermission], verbs: Sequence[Verb]
) -> Mapping[str, list[VerbPermission]]:
    """What the verbs need each permission for. A need with two permissions counts for both."""
    found: dict[str, list[VerbPermission]] = {}
    for need in wanted:
        if need.verb in verbs:
            for name in need.permission.scope.split(" and "):
                found.setdefault(name, []).append(need)
    return found


def _table(wanted: Sequence[VerbPermission], cloud: Cloud) -> Iterator[str]:
    planning = permissions(wanted, ("plan",))
    for name, uses in permissions(wanted, ("plan", "apply")).items():
        who = "both" if name in planning else "apply"
        optional = "" if any(need.required for need in uses) else "*optional*: "
        what = "; ".join(dict.fromkeys(need.why for need in uses))
        yield f"| `{name}` | {_id(name, cloud)} | {who} | {optional}{what} |"


def _extra(wanted: Sequence[VerbPermission]) -> Mapping[str, list[VerbPermission]]:
    """What counting people needs besides what the plan has anyway."""
    has = permissions(wanted, ("plan",))
    needed = permissions(wanted, ("impact",))
    return {name: uses for name, uses in needed.items() if name not in has}


def _counting(wanted: Sequence[VerbPermission], cloud: Cloud) -> Iterator[str]:
    for name, uses in _extra(wanted).items():
        what = "; ".join(dict.fromkeys(need.why for need in uses))
        yield f"| `{name}` | {_id(name, cloud)} | {what} |"


def _id(name: str, cloud: Cloud) -> str:
    return "looked up (China)" if cloud == "china" else f"`{APP_ROLES[name]}`"


def _left(answers: Answers, left: Sequence[Finding]) -> Iterator[str]:
    yield from (f"* {code(str(found.source))}: {found.help}" for found in left)
    if answers.tenant.id == TENANT_ID:
        yield f"* in the first block of this page: {code(TENANT_ID)}, the tenant's directory id"
    if answers.repository == REPOSITORY:
        yield f"* in the first block of this page: {code(REPOSITORY)}, the repository on GitHub"
    if OWNER in answers.owners:
        yield (
            f"* in the first block of this page and in `.github/CODEOWNERS`: {code(OWNER)}, "
            "who approves changes"
        )


def _package(package: Package) -> str:
    locked = (
        f"The list is complete: graphpolicy {package.version} is locked, {prose(package.origin)}. "
    )
    if package.at:
        return f"{locked}The runners must be able to read {code(package.at)} without signing in."
    if package.wheel:
        return f"{locked}It is next to the list, as {code(package.path)}."
    if package.hashes:
        return f"{locked}The index that the runners use must have exactly this file."
    return (
        f"The hash of graphpolicy {package.version} itself is missing ({prose(package.origin)}), "
        "and pip refuses a list with a missing hash. Either install graphpolicy from a wheel or by "
        "`git+https://`, and run `init` again in a new folder: it then locks that wheel or commit. "
        "Or, if an index has this version, this prints the "
        f"`--hash=…` to add to its line in `{LIST}`; set `PIP_INDEX_URL` to use your own index:"
        "\n\n"
        "```sh\n"
        f"pip download --no-deps graphpolicy=={package.version} && pip hash graphpolicy-*.whl\n"
        "```\n\n```powershell\n"
        f"pip download --no-deps graphpolicy=={package.version}\n"
        "pip hash (Resolve-Path graphpolicy-*.whl)\n```"
    )
