"""A repository on a server, the work of actions/checkout, and a stand-in for pip."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.shell import command_line

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ana"), ("EMAIL", "ana@contoso.com"))
}
ENVIRONMENT = {**AUTHOR, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TEMPLATE_DIR": ""}


def python() -> str:
    """A script that stands for Python: `-I -m venv DIR`, and `-I -m pip install … -r LIST`."""
    return f"""#!/bin/bash
case "$3" in
    venv) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    pip)
        cp "${{@: -1}}" "$RUNNER_TEMP/installed.txt"
        printf '#!/bin/bash\\nexec {command_line()} "$@"\\n' > "${{0%/*}}/graphpolicy"
        chmod +x "${{0%/*}}/graphpolicy"
        ;;
    *) exit 1 ;;
esac
"""


def git(folder: Path, *arguments: str, stdin: str = "") -> str:
    """What git answers."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, **ENVIRONMENT},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@functools.cache
def file(server: Path, commit: str, path: str) -> str:
    """A file of a commit, which never changes."""
    return git(server, "show", f"{commit}:{path}") + "\n"


@dataclass
class Repository:
    """A repository of policies on its server, without the working folders of people."""

    server: Path

    @classmethod
    def of(cls, folder: Path, files: Mapping[str, str]) -> Repository:
        """A repository whose first commit on main has these files."""
        made = cls(folder / "server.git")
        git(folder, "init", "-q", "--bare", "-b", "main", str(made.server))
        with (made.server / "config").open("a") as config:
            config.write("[uploadpack]\n\tallowAnySHA1InWant = true\n")
        made._import("main", files, "")
        return made

    def commit(self, files: Mapping[str, str | None], branch: str = "main") -> None:
        """A commit on a branch; None removes a file."""
        self._import(branch, files, f"from refs/heads/{branch}^0\n")

    def start(self, branch: str, files: Mapping[str, str | None]) -> None:
        """A branch with one commit more than main."""
        self._import(branch, files, "from refs/heads/main^0\n")

    def _import(self, branch: str, files: Mapping[str, str | None], begin: str) -> None:
        """All in one process, where a working folder takes six."""
        stream = [f"commit refs/heads/{branch}\ncommitter Ana <ana@contoso.com> now\n"]
        stream += [_data(f"Change {', '.join(files)[:60]}"), begin]
        for name, text in files.items():
            if text is None:
                stream.append(f"D {name}\n")
            else:
                stream.append(f"M 100644 inline {name}\n{_data(text)}")
        git(self.server, "fast-import", "--quiet", "--date-format=now", stdin="".join(stream))

    def head(self, branch: str = "main") -> str:
        return git(self.server, "rev-parse", branch)

    def merged(self, branch: str) -> str:
        """What GitHub checks out for a pull request: a merge that is on no branch."""
        tree = git(self.server, "merge-tree", "--write-tree", "main", branch)
        both = ("-p", "main", "-p", branch)
        commit = git(self.server, "commit-tree", tree, *both, "-m", f"Merge {branch}")
        git(self.server, "update-ref", f"refs/pull/{branch}/merge", commit)
        return commit

    def merge(self, branch: str) -> tuple[str, str]:
        """Merge into main; returns main before and after."""
        before, after = self.head(), self.merged(branch)
        git(self.server, "update-ref", "refs/heads/main", after)
        return before, after

    def file(self, commit: str, path: str) -> str:
        return file(self.server, commit, path)

    def check_out(self, folder: Path, commit: str, *, whole: bool) -> None:
        """The work of actions/checkout, without credentials that stay."""
        git(folder, "init", "-q")
        own = folder / ".git"
        if whole:  # what a fetch brings here, without one: the server's objects and branches
            objects = self.server / "objects"
            (own / "objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
            named = "%(objectname) refs/remotes/origin/%(refname:lstrip=2)"
            branches = git(self.server, "for-each-ref", f"--format={named}", "refs/heads")
            (own / "packed-refs").write_text(f"{branches}\n", encoding="utf-8")
        else:
            git(folder, "fetch", "-q", "--depth=1", self.server.as_uri(), commit)
        git(folder, "checkout", "-q", "--detach", commit)
        with (own / "config").open("a") as config:
            config.write('[remote "origin"]\n\turl = https://github.invalid/\n')
            config.write("\tfetch = +refs/heads/*:refs/remotes/origin/*\n")


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
