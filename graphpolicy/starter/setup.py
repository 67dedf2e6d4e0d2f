"""SETUP.md: the steps from a new repository to one whose merges are applied to the tenant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Literal

from graphpolicy.catalogue.permissions import APP_ROLES, GRAPH
from graphpolicy.model import Cloud, Desired, Finding
from graphpolicy.plan.needs import Need, needs
from graphpolicy.render.as_markdown import code, prose
from graphpolicy.starter.answers import GITHUB, OWNER, REPOSITORY, Answers
from graphpolicy.starter.workflows import LIST, Package, environments

Verb = Literal["plan", "apply", "impact"]
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
    answers: Answers, desired: Desired, left: Sequence[Finding], package: Package, audience: str
) -> str:
    """SETUP.md for one tenant.

    `left` are the placeholders in the policy files, `audience` is the audience of GitHub's token
    in the tenant's cloud.
    """
    wanted = needs(desired)
    owner, _, name = answers.repository.partition("/")
    tenant = answers.tenant
    cloud = AZ_CLOUDS.get(tenant.cloud)
    environment = environments((tenant.name,))[tenant.name]
    page = files(__package__).joinpath("setup.md").read_text(encoding="utf-8")
    return _Page(page).substitute(
        name=tenant.name,
        id=tenant.id,
        left="\n".join(_left(answers, left)),
        permissions="\n".join(_table(wanted, tenant.cloud)),
        plan_roles=_roles(wanted, ("plan",), tenant.cloud),
        apply_roles=_roles(wanted, ("plan", "apply"), tenant.cloud),
        impact="\n".join(_counting(wanted, tenant.cloud)),
        impact_roles=_lines(_extra(wanted), tenant.cloud),
        cloud=f"az cloud set --name {cloud}\n" if cloud else "",
        graph=GRAPH,
        repository=answers.repository,
        owner=owner,
        repository_name=name,
        host=answers.host,
        issuer=issuer(answers.host),
        audience=audience,
        reviewer=_reviewer(answers),
        checks=json.dumps(list(CHECKS)),
        package=_package(package),
        plan=environment.read,
        apply=environment.write,
    )


def issuer(host: str) -> str:
    """The issuer of the tokens of jobs (GitHub: "OpenID Connect reference", and for a server)."""
    if host == GITHUB:
        return "https://token.actions.githubusercontent.com"
    return f"https://{host}/_services/token"


def permissions(wanted: Iterable[Need], verbs: Sequence[Verb]) -> Mapping[str, list[Need]]:
    """What the verbs need each permission for. A need with two permissions counts for both."""
    found: dict[str, list[Need]] = {}
    for need in wanted:
        if need.verb in verbs:
            for name in need.permission.scope.split(" and "):
                found.setdefault(name, []).append(need)
    return found


def _table(wanted: Sequence[Need], cloud: Cloud) -> Iterator[str]:
    planning = permissions(wanted, ("plan",))
    for name, uses in permissions(wanted, ("plan", "apply")).items():
        who = "both" if name in planning else "apply"
        optional = "" if any(need.required for need in uses) else "*optional*: "
        what = "; ".join(dict.fromkeys(need.why for need in uses))
        yield f"| `{name}` | {_id(name, cloud)} | {who} | {optional}{what} |"


def _extra(wanted: Sequence[Need]) -> Mapping[str, list[Need]]:
    """What counting people needs besides what the plan has anyway."""
    has = permissions(wanted, ("plan",))
    needed = permissions(wanted, ("impact",))
    return {name: uses for name, uses in needed.items() if name not in has}


def _counting(wanted: Sequence[Need], cloud: Cloud) -> Iterator[str]:
    for name, uses in _extra(wanted).items():
        what = "; ".join(dict.fromkeys(need.why for need in uses))
        yield f"| `{name}` | {_id(name, cloud)} | {what} |"


def _id(name: str, cloud: Cloud) -> str:
    return "looked up (China)" if cloud == "china" else f"`{APP_ROLES[name]}`"


def _roles(wanted: Sequence[Need], verbs: Sequence[Verb], cloud: Cloud) -> str:
    return _lines(permissions(wanted, verbs), cloud)


def _lines(names: Iterable[str], cloud: Cloud) -> str:
    return " \\\n".join(f"    {_role(name, cloud)}" for name in names)


def _role(name: str, cloud: Cloud) -> str:
    """A permission as `az` takes it. China's Graph has other ids, so the shell looks them up."""
    if cloud == "china":
        query = f"appRoles[?value=='{name}'].id | [0]"
        return f'"$(az ad sp show --id "$graph" --query "{query}" --output tsv)=Role"'
    return f"{APP_ROLES[name]}=Role"


def _reviewer(answers: Answers) -> str:
    """Shell code that sets `reviewer` to the first owner, in the shape of GitHub's API."""
    owner, _, team = answers.owners[0].removeprefix("@").partition("/")
    kind = "Team" if team else "User"
    path = f"orgs/{owner}/teams/{team}" if team else f"users/{owner}"
    return (
        f"reviewer=$(gh api --hostname {answers.host} {path} --jq '{{type: \"{kind}\", id: .id}}')"
    )


def _left(answers: Answers, left: Sequence[Finding]) -> Iterator[str]:
    yield from (f"* {code(str(found.source))}: {found.help}" for found in left)
    if answers.repository == REPOSITORY:
        yield f"* in this page: {code(REPOSITORY)}, the repository on GitHub"
    if OWNER in answers.owners:
        yield f"* in this page and `.github/CODEOWNERS`: {code(OWNER)}, who approves changes"
    if not left and answers.repository != REPOSITORY and OWNER not in answers.owners:
        yield "Nothing: `init` has all of it."


def _package(package: Package) -> str:
    if package.hashes:
        return (
            f"The list is complete: graphpolicy {package.version} is locked, "
            f"{prose(package.origin)}. The index that the runners use must have exactly this file."
        )
    return (
        f"The hash of graphpolicy {package.version} itself is missing ({prose(package.origin)}), "
        "and pip refuses a list with a missing hash. If an index has that version, this prints the "
        f"`--hash=…` to add to its line in `{LIST}`; set `PIP_INDEX_URL` to use your own index:"
        "\n\n"
        "```sh\n"
        f"pip download --no-deps graphpolicy=={package.version} && pip hash graphpolicy-*.whl\n```"
    )
