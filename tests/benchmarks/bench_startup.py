"""How much longer `graphpolicy --version` and `--help` take than importing click.

Run: python tests/benchmarks/bench_startup.py. Prints ratios of the fastest of interleaved runs; the
aim is 1.5 or less.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 20
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))
RUNS = {
    "import click": [sys.executable, "-c", "import click"],
    "--version": [COMMAND, "--version"],
    "--help": [COMMAND, "--help"],
}


def main() -> None:
    best = dict.fromkeys(RUNS, float("inf"))
    for _ in range(ROUNDS):
        for name, command in RUNS.items():
            begun = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            best[name] = min(best[name], time.perf_counter() - begun)
    for name, seconds in best.items():
        ratio = seconds / best["import click"]
        print(f"{name:<14} {seconds * 1000:6.1f} ms  {ratio:.2f} times importing click")


if __name__ == "__main__":
    main()
