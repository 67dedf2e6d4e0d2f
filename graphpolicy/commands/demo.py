"""demo: a guided tour that runs the real commands on a mock tenant and a starter repository."""

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
"""The example's files that are for the mock's tenant."""

ENDING = """
    # Weak: the Authenticator app replaces phone calls.
    Voice:
      state: disabled
"""
"""What the tour appends to the baseline, below its last method: a change with a warning."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour: why, the command as a user would type it, and what it printed."""

    why: str
    command: str
    output: str
    exit_code: int


STOPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The policy file is checked without any tenant.", ("validate",)),
    ("Plan shows what would change, and for which people. Nothing is written.", ("plan",)),
    ("Apply plans again, writes, and reads every write back.", ("apply", "--auto-approve")),
    ("A second plan finds no changes: the tenant matches the file.", ("plan",)),
)

AFTER_DRIFT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Somebody switched voice calls back on in the portal. Drift exits with 2.", ("drift",)),
    ("A second apply restores what was reviewed.", ("apply", "--auto-approve")),
    ("Drift finds no differences now.", ("drift",)),
)


def tour(folder: Path, color: bool) -> Iterator[Step]:
    """Run the tour on a mock tenant; the starter repository stays in `folder`."""
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
    """Write the example's tenant and baseline into `folder`/policies, with the tour's change."""
    source = PACKAGE / "starter" / "policies"  # in a wheel
    if not source.is_dir():
        source = PACKAGE.parent / "policies"  # in a checkout
    policies = folder / "policies"
    policies.mkdir(parents=True)
    for name in STARTER:
        shutil.copy(source / name, policies / name)
    with (policies / "baseline.yaml").open("a", encoding="utf-8") as file:
        file.write(ENDING)


def free_folder(wanted: str) -> Path:
    """`wanted` if it does not exist, else the first free one of wanted-2, wanted-3, ..."""
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
