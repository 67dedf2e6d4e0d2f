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
from graphpolicy.starter.answers import GITHUB, is_server

LIST = ".github/graphpolicy.txt"
"""What a repository's workflows install: graphpolicy and its dependencies, with hashes."""

VERBS = ("plan", "apply", "drift", "adopt", "wave", "doctor")
BLANK, RECORDS = "      # <install>\n", "      # <records>\n"
FOLDER = ".github/workflows"


@dataclass(frozen=True, slots=True)
class Package:
    """This release: its hashes (sha256, in hex), and where they were found, or why not.

    It is on an index, or `at` an address (`https://…whl`, `git+https://…@SHA`), or a `wheel` with
    that name, whose content goes into the repository.
    """

    version: str
    hashes: tuple[str, ...]
    origin: str
    at: str = ""
    wheel: str = ""
    content: bytes = b""

    @property
    def line(self) -> str:
        """Its entry in pip's list. Without a hash or a commit pip refuses the whole list."""
        hashes = "".join(f" \\\n    --hash=sha256:{each}" for each in self.hashes)
        if self.at:
            return f"graphpolicy @ {self.at}{hashes}\n"
        return (
            f"./{self.path}{hashes}\n" if self.wheel else f"graphpolicy=={self.version}{hashes}\n"
        )

    @property
    def locked(self) -> bool:
        """Whether pip accepts its entry."""
        return bool(self.hashes or self.at)

    @property
    def path(self) -> str:
        """Where the wheel is in the repository. Jobs install from its root."""
        return f".github/{self.wheel}"


def requirements(package: Package) -> str:
    """For `pip install --no-deps --require-hashes -r`: all dependencies, and graphpolicy itself.

    `.ci/lock` makes the list of dependencies, and of what builds graphpolicy from a commit.
    """
    lists = (
        ("requirements.txt", "building.txt")
        if package.at and not package.hashes
        else ("requirements.txt",)
    )
    others = (files(__package__).joinpath(name).read_text(encoding="utf-8") for name in lists)
    return "".join(others) + package.line


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
        for tenant, short in shorts(tenants).items()
    }


MOST_JOBS = 256
"""How many jobs GitHub runs of one matrix."""


def matrices(
    policies: Iterable[Desired],
    names: Sequence[str],
    shards: int | None,
    typed: Sequence[str],
    given: Mapping[str, Environments],
) -> dict[str, Json]:
    """The matrix of jobs of each ring, as `strategy.matrix` takes it, by its output's name.

    `names` are those of all tenants that the files have: their environments are named as in the
    workflows that `init` writes, unless they are `given`. With `shards`, a job is for many tenants,
    and one environment serves all. `typed` is the command that is running.

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
        jobs = _jobs(tenants, names, given) if shards is None else _shards(tenants, shards)
        made[f"ring-{value(ring)}"] = {"include": jobs}
    return made


def _jobs(
    tenants: Iterable[str], names: Sequence[str], given: Mapping[str, Environments]
) -> list[Json]:
    named, short = {**environments(names), **given}, shorts(names)
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


def workflows(tenants: Sequence[str], host: str = GITHUB) -> Mapping[str, str]:
    """The workflow files for a repository with policies of these tenants: text by path.

    They install the packages in `LIST`, as it is in the base of a pull request. On a GitHub
    Enterprise Server, which has no `$/`, they are called with `./`.
    """
    whole = {f"graphpolicy-{verb}": _whole(verb, "listed") for verb in (*VERBS, "sarif")}
    callers = {verb: _for_each(_read(f"callers/{verb}.yml"), tenants) for verb in VERBS}
    if is_server(host):
        callers = {verb: text.replace("uses: $/", "uses: ./") for verb, text in callers.items()}
    return {f"{FOLDER}/{name}.yml": text for name, text in {**whole, **callers}.items()}


def with_tenant(caller: str, tenants: Sequence[str]) -> str:
    """A caller that also calls for the last of these tenants; it keeps every line that it has.

    The first tenant keeps its environments.

    Raises:
        ValueError: the caller is not in the shape that `init` writes.
    """
    *others, new = tenants
    short = shorts(tenants)
    rows = [_row(new, short[new], environments(tenants)[new])]
    if not ROW.search(caller):
        if len(others) != 1:
            raise ValueError("it calls for several tenants in another way")
        [alone] = others
        rows.insert(0, _row(alone, short[alone], environments(others)[alone]))
    return joined(caller, rows)


def short_names(caller: str) -> list[str]:
    """The short names of the tenants that a caller calls for; [] if there is no matrix."""
    return re.findall(r"^ {10}- \{tenant: .*, short: \"([a-z0-9-]+)\"", caller, re.MULTILINE)


def in_use(caller: str) -> Mapping[str, Environments]:
    """The environments of the tenants in a caller's matrix, by the tenant's name."""
    found = re.findall(
        r'^ {10}- \{tenant: ("(?:[^"\\]|\\.)*"), .*\bplan: ([\w-]+), apply: ([\w-]+)\}$',
        caller,
        re.MULTILINE,
    )
    return {json.loads(tenant): Environments(read, write) for tenant, read, write in found}


def own() -> Mapping[str, str]:
    """The reusable workflows of graphpolicy's own repository: text by path."""
    return {f"{FOLDER}/{name}.yml": _whole(name, "own") for name in (*VERBS, "journal", "sarif")}


def _whole(verb: str, install: str) -> str:
    whole = _read(f"{verb}.yml").replace(BLANK, _read(f"install/{install}.yml"))
    return whole.replace(RECORDS, _read("install/records.yml"))


def _read(name: str) -> str:
    return files(__package__).joinpath("workflows", name).read_text(encoding="utf-8")


def _for_each(caller: str, tenants: Sequence[str]) -> str:
    """A caller that calls once for each tenant if there are several."""
    if len(tenants) == 1:
        return caller
    named = environments(tenants)
    return joined(
        caller, [_row(name, short, named[name]) for name, short in shorts(tenants).items()]
    )


ROW = re.compile(r"^ {10}- \{tenant: .*\}\n", re.MULTILINE)
CALL = "    # $/ is"


def _row(tenant: str, short: str, own: Environments) -> str:
    """A tenant in the matrix of a caller."""
    return (
        f"          - {{tenant: {_literal(tenant)}, short: {json.dumps(short)}, "
        f"plan: {own.read}, apply: {own.write}}}\n"
    )


def joined(caller: str, rows: Sequence[str]) -> str:
    """A caller with more tenants in its matrix, which it gets if it has none.

    Raises:
        ValueError: the caller is not in the shape that `init` writes.
    """
    if found := list(ROW.finditer(caller)):
        end = found[-1].end()
        return caller[:end] + "".join(rows) + caller[end:]
    job = re.search(r"^jobs:\n  (\w+):\n", caller, re.MULTILINE)
    if not job or caller.count(CALL) != 1:
        raise ValueError("it differs from what init writes")
    matrix = (
        f"    name: {job[1]} (${{{{ matrix.short }}}})\n"
        f"    strategy:\n      fail-fast: false\n      matrix:\n        include:\n{''.join(rows)}"
    )
    given = (
        "    with:\n      tenant: ${{ matrix.tenant }}\n"
        "      plan-environment: ${{ matrix.plan }}\n"
    )
    if job[1] in ("apply", "doctor"):
        given += "      apply-environment: ${{ matrix.apply }}\n"
    if job[1] == "apply":
        given += "      only: ${{ inputs.tenant }}\n"
        asked = "    inputs:\n      tenant:\n        description: Only this tenant\n"
        caller = caller.replace("    inputs:\n", asked)
    caller = caller.replace(CALL, f"{matrix}{CALL}")
    if "    with:\n" in caller:
        return caller.replace("    with:\n", given)
    return caller.replace("    permissions:\n", f"{given}    permissions:\n", 1)


def shorts(tenants: Sequence[str]) -> Mapping[str, str]:
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
