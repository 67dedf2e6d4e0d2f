"""demo: the guided tour. A mock tenant, a starter repository, and the real commands on both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from graphpolicy.mock import Mock, serve
from graphpolicy.model.records import dataclass

PACKAGE = Path(__file__).parent.parent
STARTER = ("baseline.yaml", "contoso.yaml", "policy.schema.json")
"""The files of the example that are about the mock's own tenant."""

ENDING = """
    # Weak: the place of SMS is taken by the app.
    Voice:
      state: disabled
"""
"""What the tour adds below the baseline's last method: a change that has a warning."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the tour: why, the command as a user would type it, and what it printed."""

    why: str
    command: str
    output: str
    exit_code: int


STOPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The policy file is checked without any tenant.", ("validate",)),
    ("What would change in the tenant, and for whom. Nothing is written.", ("plan",)),
    ("Apply plans again, writes, and reads every write back.", ("apply", "--auto-approve")),
    ("A second plan finds nothing: the tenant is what the file says.", ("plan",)),
)

AFTER_DRIFT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Somebody switched voice calls back on in the portal. Drift exits with 2.", ("drift",)),
    ("Applying again makes the tenant what was reviewed.", ("apply", "--auto-approve")),
    ("And it stays so.", ("drift",)),
)


def tour(folder: Path, color: bool) -> Iterator[Step]:
    """Walk through the product on a mock tenant, leaving a starter repository in `folder`."""
    write_starter(folder)
    mock = Mock()
    with serve(mock) as server:
        environment = {
            **os.environ,
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        }
        for why, arguments in STOPS:
            yield _step(why, arguments, folder, environment, color=color)
        mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
        for why, arguments in AFTER_DRIFT:
            yield _step(why, arguments, folder, environment, color=color)


def write_starter(folder: Path) -> None:
    """Copy the example's production tenant, and what it builds on, into `folder`/policies.

    The tour's change comes on top.
    """
    source = (
        PACKAGE / "starter" / "policies"
    )  # in a wheel; in a checkout it is the folder beside the package
    if not source.is_dir():
        source = PACKAGE.parent / "policies"
    policies = folder / "policies"
    policies.mkdir(parents=True)
    for name in STARTER:
        shutil.copy(source / name, policies / name)
    with (policies / "baseline.yaml").open("a", encoding="utf-8") as file:
        file.write(ENDING)


def free_folder(wanted: str) -> Path:
    """`wanted`, or the first of its numbered siblings that does not exist yet."""
    folder, number = Path(wanted), 2
    while folder.exists():
        folder = Path(f"{wanted}-{number}")
        number += 1
    return folder


def _step(
    why: str,
    arguments: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str],
    *,
    color: bool,
) -> Step:
    flags = ("--color", "always" if color else "never")
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "graphpolicy", *arguments, *flags],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Step(why, f"graphpolicy {' '.join(arguments)}", done.stdout, done.returncode)
