"""The workflows for GitHub, from one source: our own, and those for a repository of policies.

A template in `workflows/` is a reusable workflow; the steps that install graphpolicy and fetch the
records of runs are filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import pairwise

from graphpolicy.model import Desired, Json
from graphpolicy.model.command import again
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.rollouts.rings import by_ring, phrase, value

LIST = ".github/graphpolicy.txt"
"""What a repository's workflows install: graphpolicy and its dependencies, with hashes."""

VERBS = ("plan", "apply", "drift", "adopt", "wave")
BLANK, RECORDS = "      # <install>\n", "      # <records>\n"
FOLDER = ".github/workflows"


@dataclass(frozen=True, slots=True)
class Package:
    """This release: its hashes (sha256, in hex), and where they were found, or why not."""

    version: str
    hashes: tuple[str, ...]
    origin: str

    @property
    def line(self) -> str:
        """Its entry in pip's list. Without a hash pip refuses the whole list."""
        hashes = "".join(f" \\\n    --hash=sha256:{each}" for each in self.hashes)
        return f"graphpolicy=={self.version}{hashes}\n"


def requirements(package: Package) -> str:
    """For `pip install --no-deps --require-hashes -r`: all dependencies, and graphpolicy itself.

    `.ci/lock` makes the list of dependencies.
    """
    others = files(__package__).joinpath("requirements.txt").read_text(encoding="utf-8")
    return others + package.line


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of a tenant on GitHub: `read` for plan and drift, `write` for apply.

    The variables AZURE_CLIENT_ID and AZURE_TENANT_ID of each name an application in Entra.
    """

    read: str
    write: str


def environments(tenants: Sequence[str]) -> Mapping[str, Environments]:
    """The environments of each tenant by its name. With several tenants each has its own."""
    if len(tenants) == 1:
        return {tenants[0]: Environments("entra-plan", "entra-apply")}
    return {
        tenant: Environments(f"entra-plan-{short}", f"entra-apply-{short}")
        for tenant, short in _short(tenants).items()
    }


MOST_JOBS = 256
"""How many jobs GitHub runs of one matrix."""


def matrices(
    policies: Iterable[Desired], names: Sequence[str], shards: int | None, typed: Sequence[str]
) -> dict[str, Json]:
    """The matrix of jobs of each ring, as `strategy.matrix` takes it, by its output's name.

    `names` are those of all tenants that the files have: their environments are named as in the
    workflows that `init` writes. With `shards`, a job is for many tenants, and one environment
    serves all. `typed` is the command that is running.

    Raises:
        UsageError: a ring has more tenants than GitHub runs jobs.
    """
    made: dict[str, Json] = {}
    for ring, own in by_ring(policies, lambda each: each.tenant):
        if shards is None and len(own) > MOST_JOBS:
            raise UsageError(
                f"{phrase(ring)}: {len(own)} tenants, and GitHub runs {MOST_JOBS} jobs of a matrix",
                f"give each job several tenants: {again(typed, '--shards', '16')}",
            )
        tenants = [each.tenant.name for each in own]
        jobs = _jobs(tenants, names) if shards is None else _shards(tenants, shards)
        made[f"ring-{value(ring)}"] = {"include": jobs}
    return made


def _jobs(tenants: Iterable[str], names: Sequence[str]) -> list[Json]:
    named, short = environments(names), _short(names)
    return [
        {
            "tenant": tenant,
            "short": short[tenant],
            "plan-environment": named[tenant].read,
            "apply-environment": named[tenant].write,
        }
        for tenant in tenants
    ]


def _shards(tenants: Sequence[str], shards: int) -> list[Json]:
    """Jobs whose numbers of tenants differ by one at most."""
    count = min(shards, len(tenants))
    ends = [len(tenants) * number // count for number in range(count + 1)]
    only = environments(("all",))["all"]
    return [
        {
            "shard": number,
            "tenants": ",".join(tenants[start:end]),
            "plan-environment": only.read,
            "apply-environment": only.write,
        }
        for number, (start, end) in enumerate(pairwise(ends), 1)
    ]


def workflows(tenants: Sequence[str]) -> Mapping[str, str]:
    """The workflow files for a repository with policies of these tenants: text by path.

    They install the packages in `LIST`, as it is in the base of a pull request.
    """
    whole = {f"graphpolicy-{verb}": _whole(verb, "listed") for verb in VERBS}
    callers = {verb: _for_each(_read(f"callers/{verb}.yml"), tenants) for verb in VERBS}
    return {f"{FOLDER}/{name}.yml": text for name, text in {**whole, **callers}.items()}


def own() -> Mapping[str, str]:
    """The reusable workflows of graphpolicy's own repository: text by path."""
    return {f"{FOLDER}/{name}.yml": _whole(name, "own") for name in (*VERBS, "journal")}


def _whole(verb: str, install: str) -> str:
    whole = _read(f"{verb}.yml").replace(BLANK, _read(f"install/{install}.yml"))
    return whole.replace(RECORDS, _read("install/records.yml"))


def _read(name: str) -> str:
    return files(__package__).joinpath("workflows", name).read_text(encoding="utf-8")


def _for_each(caller: str, tenants: Sequence[str]) -> str:
    """A caller that calls once for each tenant if there are several."""
    if len(tenants) == 1:
        return caller
    rows = "".join(
        f"          - {{tenant: {_literal(tenant)}, short: {json.dumps(short)}}}\n"
        for tenant, short in _short(tenants).items()
    )
    matrix = f"    strategy:\n      fail-fast: false\n      matrix:\n        include:\n{rows}"
    given = (
        "    with:\n      tenant: ${{ matrix.tenant }}\n"
        "      plan-environment: entra-plan-${{ matrix.short }}\n"
    )
    if "\n  push:\n" in caller:
        given += (
            "      apply-environment: entra-apply-${{ matrix.short }}\n"
            "      only: ${{ inputs.tenant }}\n"
        )
        asked = "    inputs:\n      tenant:\n        description: Only this tenant\n"
        caller = caller.replace("    inputs:\n", asked)
    call = "    # $/ is"
    caller = caller.replace(call, f"{matrix}{call}")
    if "    with:\n" in caller:
        return caller.replace("    with:\n", given)
    return caller + given


def _short(tenants: Sequence[str]) -> Mapping[str, str]:
    """A unique short name for each tenant that GitHub accepts everywhere, by the tenant's name."""
    found: dict[str, str] = {}
    for tenant in tenants:
        plain = re.sub(r"[^a-z0-9]+", "-", tenant.lower()).strip("-") or "tenant"
        short, number = plain, 2
        while short in found.values():
            short, number = f"{plain}-{number}", number + 1
        found[tenant] = short
    return found


def _literal(text: str) -> str:
    """Text as a YAML string in which GitHub finds no expression."""
    return json.dumps(text, ensure_ascii=False).replace("${{", "${{ '${{' }}")
