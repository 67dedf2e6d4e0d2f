"""A diff of the whole catalogue, as a ratio to reading the documents' JSON twice.

Run: python tests/benchmarks/bench_diff.py
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from graphpolicy.compare.resolve import group_names, resolve
from graphpolicy.mock import Mock
from graphpolicy.model import Directory, Observed
from graphpolicy.plan.make import make_plan
from tests.laws.everything import ONE, policy
from tests.laws.mock_tenant import desired
from tests.laws.situations import OCCASION

ROUNDS = 30


def fastest(run: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    mock = Mock()
    observed = Observed({"v1.0": mock.policy("v1.0"), "beta": mock.policy("beta")})
    texts = [json.dumps(document) for document in observed.documents.values()]
    with tempfile.TemporaryDirectory() as folder:
        wanted = desired(Path(folder) / "policy.yaml", policy(ONE))
    ids = {
        name: f"00000000-0000-4000-8000-{i:012}"
        for i, name in enumerate(group_names(wanted.mentioned))
    }
    directory = Directory(by_name={name: ((id_, name),) for name, id_ in ids.items()})
    planned = make_plan(resolve(wanted, directory, observed), observed, directory, OCCASION)
    seconds = fastest(
        lambda: make_plan(resolve(wanted, directory, observed), observed, directory, OCCASION)
    )
    reading = fastest(lambda: [json.loads(text) for text in texts])
    print(f"{planned.plan.compared} settings compared, {len(planned.plan.changes)} differ")
    print(f"plan {seconds * 1000:.1f} ms, {seconds / reading:.0f} times reading the two documents")


if __name__ == "__main__":
    main()
