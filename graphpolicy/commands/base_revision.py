"""The policies before a change: from a folder, or from a git revision."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from graphpolicy.commands.defaults import FILE, KEYS, PROJECT, SECTION, nearest, words_of
from graphpolicy.commands.kept_snapshot import SNAPSHOT, kept_snapshot
from graphpolicy.disk.folders import repository
from graphpolicy.model import Finding, Json, KeptSnapshot, Place, Protection
from graphpolicy.model.errors import InputError, UsageError
from graphpolicy.plan.protection import default_entries
from graphpolicy.policyfile.files import STDIN, read_bytes
from graphpolicy.policyfile.load import Policies, load
from graphpolicy.policyfile.toml_table import TomlTable, read_table


def base_policies(base: str, paths: Sequence[str], tenants: frozenset[str]) -> Policies:
    """The policies of `base_files`."""
    return base_files(base, paths, tenants)[0]


def base_files(
    base: str, paths: Sequence[str], tenants: frozenset[str]
) -> tuple[Policies, dict[str, KeptSnapshot]]:
    """The policies that the files under `paths` declared at a revision, or those of a folder.

    A tenant's file (`tenants` are ids) may have been renamed or moved: if a tenant is not found
    under `paths`, its file is looked for in the whole revision. Otherwise everything in the file
    would seem new, and drift in the tenant would seem to be an edit of the file.

    With them the snapshots beside their files, by tenant id.

    Raises:
        InputError: the revision does not exist, or git can't be run.
    """
    if Path(base).is_dir():
        found = load([base])
        return found, {each.tenant.id: kept_snapshot(each) for each in found.desired}
    with _revision(base) as tree:
        there = [str(path) for path in _within(tree, paths) if path.exists()]
        found = load(there)
        lacking = tenants - {tenant.id for tenant in found.tenants}
        moved = [str(file) for file in _visible(tree) if lacking and _is_for(file, lacking)]
        found = load([*there, *moved]) if moved else found
        kept = {
            each.tenant.id: kept_snapshot(each, lambda file: _there(tree, base, file))
            for each in found.desired
        }
        named = tuple(_named(tree, base, each) for each in found.findings)
        return replace(found, findings=named), kept


def _within(tree: Path, paths: Sequence[str]) -> Iterator[Path]:
    """The paths inside the tree of a revision; paths outside the repository are left out."""
    top = Path(git("rev-parse", "--show-toplevel").strip()).resolve()
    for path in paths:
        full = Path(path).resolve()
        if path != STDIN and full.is_relative_to(top):
            yield tree / full.relative_to(top)


def _visible(tree: Path) -> Iterator[Path]:
    """Every file of a revision that can be a policy: hidden files and links can't."""
    for path in sorted(tree.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(tree).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path


def _is_for(file: Path, tenants: frozenset[str]) -> bool:
    """Whether a file is the policy of one of these tenants."""
    raw = read_bytes(str(file))
    if isinstance(raw, Finding) or not any(id_.encode() in raw.lower() for id_ in tenants):
        return False
    return any(tenant.id in tenants for tenant in load([str(file)]).tenants)


def _there(tree: Path, base: str, text: str) -> str:
    """A text with paths as REVISION:PATH instead of paths in the temporary folder."""
    return text.replace(f"{tree.as_posix()}/", f"{base}:")


def _named(tree: Path, base: str, found: Finding) -> Finding:
    """A finding with such paths."""

    def words(text: str) -> str:
        return _there(tree, base, text)

    place = found.source
    return replace(
        found,
        message=words(found.message),
        help=words(found.help),
        source=place and replace(place, file=words(Path(place.file).as_posix())),
    )


def snapshots_at(place: str) -> dict[str, str] | None:
    """The text of each snapshot at REVISION:PATH (a file or a folder), by REVISION:PATH.

    None if `place` is a path on disk, or does not name a revision.

    Raises:
        InputError: the revision exists, but has no snapshot at the path.
    """
    revision, colon, path = place.partition(":")
    if not colon or Path(place).exists() or revision.startswith("-"):
        return None
    try:
        commit = git("rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    except InputError:
        return None
    listed = git("ls-tree", "-r", "-z", "--name-only", commit, "--", f"./{path}").split("\0")
    names = [name for name in listed if name == path or name.endswith(".json")]
    names = [name for name in names if name == path or name.endswith(SNAPSHOT)] or names
    if not names:
        fix = "first commit there the file that `graphpolicy pull --snapshot FILE` writes"
        raise InputError(f"{revision} has no snapshot at {path}", fix)
    return {f"{revision}:{name}": git("show", f"{commit}:./{name}") for name in names}


def edited_snapshots(revision: str, path: str = "") -> tuple[Finding, ...]:
    """A warning for each snapshot that differs from the revision.

    An edit of a snapshot changes what plans are made from, and a reviewer must see it. Snapshots
    are found by their names or at `path`. If `revision` is a folder, there are none.
    """
    if Path(revision).is_dir():
        return ()
    named = [":(top)snapshots", ":(top,glob)**/*.snapshot.json", *([f"./{path}"] if path else [])]
    changed = git("diff", "-z", "--name-only", "--no-ext-diff", revision, "--", *named)
    return tuple(
        Finding(
            "snapshot-edited",
            "warning",
            f"the snapshot differs from the one in {revision}",
            "remove it from this change; a new one comes from `graphpolicy pull --snapshot FILE`",
            source=Place(name),
        )
        for name in sorted({name for name in changed.split("\0") if name})
    )


def changed_defaults(base: str) -> tuple[Protection, ...]:
    """How the defaults for flags differ from those at a revision, or in or above a folder."""
    top = repository(Path.cwd())
    if Path(base).is_dir():
        then = nearest(Path(base).resolve())
        if then is None:
            return ()
        before = _compared(then, Path.cwd(), repository(Path(base)))
    else:
        before = _compared(_at_revision(base), top, top)
    return tuple(default_entries(before, _compared(nearest(Path.cwd()), Path.cwd(), top)))


def _compared(table: TomlTable | Finding | None, here: Path, top: Path) -> dict[str, Json]:
    """The values of a file as they can be compared: lists, and paths below the root `top`.

    The name of the file is relative to `here`. A file with mistakes sets nothing.
    """
    found: dict[str, Json] = {}
    if isinstance(table, TomlTable):
        at = here / Path(table.file).parent
        for name in table.values.keys() & KEYS.keys():
            words = list(words_of(table.values[name]))
            if KEYS[name].path:
                words = [Path(os.path.relpath(at / word, top)).as_posix() for word in words]
            found[name] = words if KEYS[name].several else "".join(words)
    return {name: found[name] for name in KEYS if name in found}


def _at_revision(base: str) -> TomlTable | Finding | None:
    """The file that counted for this folder at a revision."""
    prefix = Path(git("rev-parse", "--show-prefix").strip())
    for folder in (prefix, *prefix.parents):
        for name, section in ((FILE, ()), (PROJECT, SECTION)):
            path = (folder / name).as_posix()
            try:
                text = git("show", f"{base}:{path}")
            except InputError:
                continue
            raw = text.encode(errors="surrogateescape")
            found = read_table(raw, path, section)
            if found and (name == FILE or isinstance(found, TomlTable)):
                return found
    return None


def current_commit() -> str:
    """The id of the commit that is checked out, or ''."""
    try:
        return git("rev-parse", "--verify", "HEAD").strip()
    except InputError:
        return ""


def last_commit(file: str) -> str:
    """The id of the last commit that changed a file, or ''."""
    try:
        return git("log", "-1", "--format=%H", "--", file).strip()
    except InputError:
        return ""


def reverting(commit: str) -> tuple[str, ...]:
    """The arguments of git that revert a commit; empty if git would refuse.

    Git refuses if tracked files have uncommitted edits, if the commit is not in this clone, or if
    it is the first one.
    """
    try:
        if git("status", "--porcelain", "--untracked-files=no"):
            return ()
        parents = git("log", "-1", "--format=%P", commit, "--").split()
    except InputError:
        return ()
    merge = ("-m", "1") if len(parents) > 1 else ()
    return ("revert", "--no-edit", *merge, commit[:12]) if parents else ()


@contextmanager
def _revision(revision: str) -> Iterator[Path]:
    """A temporary folder with the YAML files and the snapshots of a revision.

    They are checked out with an index file of their own, so that the user's index and working tree
    stay as they are.
    """
    if revision.startswith("-"):
        raise UsageError(f"--base {revision} is not a revision", "give a commit, a branch or a tag")
    try:
        commit = git("rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    except InputError as failure:
        raise InputError(
            f"--base {revision}: {failure.text}",
            "correct the name, or fetch it first (a shallow clone lacks it: set fetch-depth: 0)",
        ) from failure
    with tempfile.TemporaryDirectory(prefix="graphpolicy-base-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        tree = Path(folder, "tree")
        (tree / ".git").mkdir(parents=True)  # links and bases stay inside, as in the repository
        git("read-tree", commit, environment=index)
        names = git("ls-files", "-z", "--full-name", ":/", environment=index)
        wanted = [name for name in names.split("\0") if name.endswith((".yaml", ".yml", SNAPSHOT))]
        git(
            "checkout-index",
            "-q",
            "-z",
            "--stdin",
            f"--prefix={tree}{os.sep}",
            environment=index,
            stdin="".join(f"{name}\0" for name in wanted),
            folder=git("rev-parse", "--show-toplevel").strip(),
        )
        yield tree


def git(
    *arguments: str,
    environment: dict[str, str] | None = None,
    stdin: str = "",
    folder: str | Path | None = None,
) -> str:
    """What git prints, run in this folder or in `folder`.

    Raises:
        InputError: git can't be run, or fails.
    """
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
        raise InputError(text, "install git, or give --base a folder") from error
    if done.returncode:
        said = (done.stderr.strip() or "no reason given").splitlines()[0]
        raise InputError(f"git {arguments[0]}: {said}", "give --base a folder instead")
    return done.stdout
