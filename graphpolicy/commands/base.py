"""The policies as they were before a change: a folder, or a revision of the repository."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from graphpolicy.commands.unreadable import Unreadable
from graphpolicy.graph.errors import UsageFailure
from graphpolicy.policyfile.load import Policies, load


def base_policies(base: str, paths: Sequence[str]) -> Policies:
    """What the files under `paths` declared at a revision, or what a folder in their place does.

    Raises:
        Unreadable: there is no such revision, or git can't be asked.
    """
    if Path(base).is_dir():
        return load([base])
    with _revision(base) as tree:
        top = Path(_git("rev-parse", "--show-toplevel").strip()).resolve()
        there = [tree / Path(path).resolve().relative_to(top) for path in paths]
        return load([str(path) for path in there if path.exists()])


def current_commit() -> str:
    """The commit that is checked out, or '' where there is none."""
    try:
        return _git("rev-parse", "--verify", "HEAD").strip()
    except Unreadable:
        return ""


@contextmanager
def _revision(revision: str) -> Iterator[Path]:
    """A folder with the policy files of a revision, and nothing of the repository touched."""
    if revision.startswith("-"):
        raise UsageFailure(f"--base {revision} is no revision", "write a commit, a branch or a tag")
    try:
        commit = _git("rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    except Unreadable as failure:
        raise Unreadable(
            f"--base {revision}: {failure.text}",
            "fetch it first (a shallow clone lacks it: fetch-depth: 0), or correct the name",
        ) from failure
    with tempfile.TemporaryDirectory(prefix="graphpolicy-base-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        tree = Path(folder, "tree")
        (tree / ".git").mkdir(parents=True)  # links and bases stay inside, as in the repository
        _git("read-tree", commit, environment=index)
        names = _git("ls-files", "-z", "--full-name", ":/", environment=index)
        wanted = [name for name in names.split("\0") if name.endswith((".yaml", ".yml"))]
        _git(
            "checkout-index",
            "-q",
            "-z",
            "--stdin",
            f"--prefix={tree}{os.sep}",
            environment=index,
            stdin="".join(f"{name}\0" for name in wanted),
            top=True,
        )
        yield tree


def _git(
    *arguments: str,
    environment: dict[str, str] | None = None,
    stdin: str = "",
    top: bool = False,
) -> str:
    """What git answers, run here or at the top of the repository."""
    folder = _git("rev-parse", "--show-toplevel").strip() if top else None
    try:
        done = subprocess.run(  # noqa: S603 - git and arguments of our own
            ["git", *arguments],  # noqa: S607 - the git of the PATH is the user's
            env={**os.environ, **(environment or {})},
            cwd=folder,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        text = f"git can't be run: {error.strerror}"
        raise Unreadable(text, "install git, or give --base a folder") from error
    if done.returncode:
        said = (done.stderr.strip() or "no reason given").splitlines()[0]
        raise Unreadable(f"git {arguments[0]}: {said}", "give --base a folder instead")
    return done.stdout
