"""A repository on a server, what actions/checkout makes of it, and what stands for pip."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import command_line

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ana"), ("EMAIL", "ana@contoso.com"))
}


def python() -> str:
    """A script that stands for Python: `-I -m venv DIR`, and `-I -m pip install … -r LIST`."""
    return f"""#!/bin/bash
case "$3" in
    venv) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    pip)
        cp "${{@: -1}}" "$RUNNER_TEMP/installed.txt"
        printf '#!/bin/bash\\nexec {command_line()} "$@"\\n' > "$(dirname "$0")/graphpolicy"
        chmod +x "$(dirname "$0")/graphpolicy"
        ;;
    *) exit 1 ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    """What git answers."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, **AUTHOR, "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Repository:
    """A repository of policies: a working folder of a person, and the server's side."""

    work: Path
    server: Path

    @classmethod
    def of(cls, folder: Path, files: Mapping[str, str]) -> Repository:
        """A repository whose first commit on main has these files."""
        made = cls(folder / "work", folder / "server.git")
        made.work.mkdir(parents=True)
        git(folder, "init", "-q", "--bare", "-b", "main", str(made.server))
        git(made.server, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(made.work, "init", "-q", "-b", "main")
        git(made.work, "remote", "add", "origin", made.server.as_uri())
        made.commit(files)
        return made

    def start(self, branch: str) -> None:
        """A branch that begins at main."""
        git(self.work, "branch", branch, "main")

    def commit(self, files: Mapping[str, str | None], branch: str = "main") -> None:
        """A commit on a branch; None takes a file away."""
        git(self.work, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
        if git(self.work, "branch", "--list", branch):
            git(self.work, "reset", "-q", "--hard")
        for name, text in files.items():
            path = self.work / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(self.work, "add", "--all")
        git(self.work, "commit", "-q", "-m", f"Change {', '.join(files)[:60]}")
        git(self.work, "push", "-q", "origin", branch)

    def head(self, branch: str = "main") -> str:
        return git(self.work, "rev-parse", branch)

    def merged(self, branch: str) -> str:
        """What GitHub checks out for a pull request: a merge that is on no branch."""
        git(self.work, "checkout", "-q", "--detach", "main")
        git(self.work, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch)
        commit = git(self.work, "rev-parse", "HEAD")
        git(self.work, "push", "-q", "--force", "origin", f"HEAD:refs/pull/{branch}/merge")
        git(self.work, "checkout", "-q", "main")
        return commit

    def merge(self, branch: str) -> tuple[str, str]:
        """Merge into main; what main was before, and is now."""
        before = self.head()
        git(self.work, "checkout", "-q", "main")
        git(self.work, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch)
        git(self.work, "push", "-q", "origin", "main")
        return before, self.head()

    def file(self, commit: str, path: str) -> str:
        return git(self.work, "show", f"{commit}:{path}") + "\n"

    def check_out(self, folder: Path, commit: str, *, whole: bool) -> None:
        """What actions/checkout does, with credentials that do not stay."""
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", self.server.as_uri())
        if whole:
            git(folder, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", commit)
        else:
            git(folder, "fetch", "-q", "--depth=1", "origin", commit)
        git(folder, "checkout", "-q", "--detach", commit)
        git(folder, "remote", "set-url", "origin", "https://github.invalid/")
