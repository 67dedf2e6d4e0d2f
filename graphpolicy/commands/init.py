"""init: write a repository that passes its own checks, in a folder that has none of its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from graphpolicy.commands.base_revision import git
from graphpolicy.commands.kept_snapshot import snapshot_file
from graphpolicy.disk.folders import no_link_between
from graphpolicy.disk.json_text import encoded
from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.model import Desired, Finding
from graphpolicy.model.errors import Exit, InputError, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.json_schema import schema
from graphpolicy.policyfile.placeholders import RULE
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.starter.answers import Answers, repository_of
from graphpolicy.starter.baseline import baseline
from graphpolicy.starter.setup import setup_page
from graphpolicy.starter.workflows import LIST, Package, requirements, workflows

CODEOWNERS = """\
# Who must approve: every file, because a policy may extend any file here, plans are made from
# snapshots, and a changed workflow can do whatever the policy can.
* {owners}
"""
IGNORED = """\
# Runs recorded on this machine, and reports.
.graphpolicy/
/plan.*
/drift.*
"""
SIDE: Mapping[str, str] = {".gitignore": IGNORED, ".github/CODEOWNERS": CODEOWNERS}
"""Files that a new repository often has already: it works without ours."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A complete repository: content by path, and findings for the placeholders in its policy."""

    files: Mapping[str, str | bytes]
    left: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The files that were written; and those that were kept, with the text that `init` has for
    them.
    """

    files: tuple[str, ...]
    kept: Mapping[str, str]


def starter(answers: Answers, package: Package, policy: str = "", snapshot: str = "") -> Starter:
    """A complete repository.

    `policy` is the text of the tenant's policy file, `snapshot` that of its snapshot, if there are.
    """
    policies, desired, left = first_policy(answers, policy, snapshot)
    cloud = CLOUDS[answers.tenant.cloud]
    files: dict[str, str | bytes] = {
        **policies,
        "policies/policy.schema.json": encoded(schema()),
        **workflows((answers.tenant.name,), answers.host),
        LIST: requirements(package),
        **({package.path: package.content} if package.wheel else {}),
        ".github/CODEOWNERS": CODEOWNERS.format(owners=" ".join(answers.owners)),
        ".gitignore": IGNORED,
        "SETUP.md": setup_page(answers, desired, left, package, cloud),
    }
    return Starter(files, left)


def first_policy(
    answers: Answers, policy: str, snapshot: str
) -> tuple[Mapping[str, str], Desired, tuple[Finding, ...]]:
    """A tenant's files by path, what they declare, and findings for the placeholders in them.

    Raises:
        UsageError: the policy has an error.
    """
    file = f"policies/{answers.tenant.name}.yaml"
    text = policy or baseline(answers)
    judged = judge(parse(text.encode(), file))
    if judged.desired is None:
        found = next(found for found in judged.findings if found.level == "error")
        raise UsageError(f"{found.source}: {found.message}", found.help)
    left = tuple(found for found in judged.findings if found.rule == RULE)
    kept = {snapshot_file(file, answers.tenant): snapshot} if snapshot else {}
    return {file: text, **kept}, judged.desired, left


def write(folder: Path, files: Mapping[str, str | bytes]) -> WrittenFiles:
    """Write the files into a folder; files that exist are not changed.

    Raises:
        UsageError: files with other text exist that the repository needs; the message names all of
            them, and nothing was written.
        OSError: a file can't be written.
    """
    for path in files:
        no_link_between(folder, folder / path)
    there = {path for path, text in files.items() if os.path.lexists(folder / path)}
    other = {path for path in there if not _same(folder / path, files[path])}
    if clash := sorted(other - set(SIDE)):
        raise UsageError(
            f"{folder} already contains {', '.join(clash)}; nothing was written",
            "init starts a new repository: name another folder, or move these files away",
            Exit.FAILED,
        )
    for path, text in files.items():
        if path not in there:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("xb") as file:
                file.write(_bytes(text))
    written = tuple(path for path in files if path not in there)
    return WrittenFiles(written, {path: str(files[path]) for path in sorted(other)})


def repository_at(folder: Path) -> tuple[str, str] | None:
    """Host and OWNER/NAME of a folder's repository, from its remote origin.

    None if the folder is not the root of a repository, or has no such remote.
    """
    if not folder.is_dir():
        return None
    try:
        if git("rev-parse", "--show-prefix", folder=folder).strip():
            return None
        return repository_of(git("remote", "get-url", "origin", folder=folder))
    except InputError:
        return None


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _same(path: Path, content: str | bytes) -> bool:
    """Whether a file has this content; git may have changed the ends of its lines."""
    try:
        return path.read_bytes().replace(b"\r\n", b"\n") == _bytes(content).replace(b"\r\n", b"\n")
    except OSError:
        return False
