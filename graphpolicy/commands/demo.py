"""demo: a guided tour that runs the real commands on a mock tenant and a starter repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graphpolicy.mock import Mock, serve
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass

PACKAGE = Path(__file__).parent.parent
STARTER = ("baseline.yaml", "contoso.yaml", "policy.schema.json")
"""The example's files that are for the mock's tenant."""

REFUSED = """\
# One wrong line: the break-glass accounts have only passkeys, and could no longer get in.
version: 1
extends: [policies/contoso.yaml]
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Fido2: {excludeTargets: [{group: Break-glass accounts}]}
"""
"""The file refused.yaml of the tour."""

WORDS = """
# What staff call these people.
announce:
  audiences: {SG-MFA-Pilot-P: the pilot group, Helpdesk-assisted users: those we help}
"""
"""What the tour appends to the tenant's file."""

KOFI = "kofi.mensah@contoso.com"
STOLEN = ("--reason", "INC12345", "--auto-approve")

GO_ON = {
    "posix": """\
graphpolicy mock >mock.json & until [ -s mock.json ]; do sleep 0.1; done
export GRAPHPOLICY_GRAPH_URL=$(jq -r .url mock.json)
export GRAPHPOLICY_ACCESS_TOKEN=$(jq -r .token mock.json)
""",
    "nt": """\
Start-Process graphpolicy mock -RedirectStandardOutput mock.json -NoNewWindow
while (-not (Get-Content mock.json -ErrorAction SilentlyContinue)) { Start-Sleep -Milliseconds 100 }
$mock = Get-Content mock.json | ConvertFrom-Json
$env:GRAPHPOLICY_GRAPH_URL = $mock.url; $env:GRAPHPOLICY_ACCESS_TOKEN = $mock.token
""",
}
"""How to start a mock and sign in to it, by `os.name`."""


def _shorter_passes(mock: Mock) -> None:
    mock.portal("TemporaryAccessPass", {"defaultLength": 8}, actor="ana@contoso.com")


LAST_LINES = 6
"""What an apply says below its plan: the counts, three requests and the run."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: why, the command, what it must exit with, and what happens before it."""

    why: str
    arguments: tuple[str, ...]
    exit_code: int = Exit.DONE
    into: str = ""
    """The file that takes its stdout, of which the last lines are shown; '' where all is shown."""
    before: Callable[[Mock], None] | None = None

    @property
    def command(self) -> str:
        """What a user types, in any shell."""
        words = (f'"{word}"' if " " in word else word for word in self.arguments)
        return f"graphpolicy {' '.join(words)}" + (f" > {self.into}" if self.into else "")


SCENES = (
    Scene("The policy file is checked without any tenant.", ("validate",)),
    Scene("Plan shows what would change and for which people. It never writes.", ("plan", "-q")),
    Scene(
        "The message to the people concerned comes from the plan.",
        ("announce", "-q", "--only", "message"),
    ),
    Scene(
        "Apply plans again, writes, and reads every write back.",
        ("apply", "-q", "--auto-approve"),
        into="applied.txt",
    ),
    Scene("A second plan finds nothing to change.", ("plan", "-q")),
    Scene(
        "A file with one wrong line: guards refuse it, with exit code 6.",
        ("plan", "-q", "refused.yaml"),
        Exit.REFUSED,
    ),
    Scene(
        "Ana made passes shorter in the portal. Drift says so: exit code 2.",
        ("drift", "-q"),
        Exit.DIFFERENT,
        before=_shorter_passes,
    ),
    Scene("Another apply restores what was reviewed.", ("apply", "-q", "--auto-approve")),
    Scene(
        "Rollback undoes the last run. Here that restores Ana's value.",
        ("rollback", "-q", "--auto-approve"),
    ),
    Scene(
        "Kofi's bag was stolen with the keys in it: they must register again.",
        ("mfa", "reset", KOFI, *STOLEN),
    ),
    Scene("A Temporary Access Pass gets them back in.", ("tap", "issue", KOFI, *STOLEN)),
    Scene("Everything is on record, with the changes that others made.", ("history",)),
)


@contextmanager
def stage(folder: Path) -> Iterator[tuple[Mock, Mapping[str, str]]]:
    """The files of the tour in `folder`, and a mock tenant with the environment to reach it."""
    write_starter(folder)
    with (folder / "policies" / "contoso.yaml").open("a", encoding="utf-8") as file:
        file.write(WORDS)
    (folder / "refused.yaml").write_text(REFUSED, encoding="utf-8")
    mock = Mock()
    with serve(mock) as server:
        yield mock, {"GRAPHPOLICY_GRAPH_URL": server.url, "GRAPHPOLICY_ACCESS_TOKEN": mock.token}


def tail(scene: Scene, folder: Path) -> str:
    """The last lines of the file that took the output of a scene; '' if all was shown."""
    if not scene.into:
        return ""
    lines = (folder / scene.into).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[-LAST_LINES:])


def play(scene: Scene, folder: Path, environment: Mapping[str, str], *, color: bool) -> int:
    """Run the command of a scene, which writes to our own streams; its exit code."""
    arguments = [sys.executable, "-m", "graphpolicy", *scene.arguments]
    told = {**os.environ, **environment, "NO_COLOR": "" if color else "1"}
    if color:
        told["FORCE_COLOR"] = "1"
    with (
        Path(os.devnull).open("rb") as nothing,
        (folder / scene.into if scene.into else Path(os.devnull)).open("wb") as into,
    ):
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            arguments,
            cwd=folder,
            env=told,
            stdin=nothing,
            stdout=into if scene.into else None,
            check=False,
        )
    return done.returncode


def write_starter(folder: Path) -> None:
    """Write the example's tenant and baseline into `folder`/policies."""
    source = PACKAGE / "starter" / "policies"  # in a wheel
    if not source.is_dir():
        source = PACKAGE.parent / "policies"  # in a checkout
    policies = folder / "policies"
    policies.mkdir(parents=True)
    for name in STARTER:
        shutil.copy(source / name, policies / name)


def free_folder(wanted: str) -> Path:
    """`wanted` if it does not exist, else the first free one of wanted-2, wanted-3, ..."""
    folder, number = Path(wanted), 2
    while folder.exists():
        folder = Path(f"{wanted}-{number}")
        number += 1
    return folder
