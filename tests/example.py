"""The policies of the examples, with a change that gives a warning."""

from __future__ import annotations

from pathlib import Path

from graphpolicy.commands.demo import write_starter

ENDING = """
    # Weak: the Authenticator app replaces phone calls.
    Voice:
      state: disabled
"""


def write_example(folder: Path) -> None:
    """Write the example's tenant and baseline; below its last method the baseline ends a method."""
    write_starter(folder)
    with (folder / "policies" / "baseline.yaml").open("a", encoding="utf-8") as file:
        file.write(ENDING)
