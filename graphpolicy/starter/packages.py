"""The list of packages that the workflows install, each with its version and hashes."""

from __future__ import annotations

from importlib.resources import files

from graphpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """This release: its hashes (sha256, in hex), and where they were found, or why not."""

    version: str
    hashes: tuple[str, ...]
    origin: str

    @property
    def line(self) -> str:
        """Its entry in pip's list. Without a hash pip refuses the whole list."""
        hashes = "".join(f" \\\n    --hash=sha256:{each}" for each in self.hashes)
        return f"graphpolicy=={self.version}{hashes}\n"


def requirements(package: Package) -> str:
    """For `pip install --no-deps --require-hashes -r`: all dependencies, and graphpolicy itself.

    `.ci/lock` makes the list of dependencies.
    """
    others = files(__package__).joinpath("requirements.txt").read_text(encoding="utf-8")
    return others + package.line
