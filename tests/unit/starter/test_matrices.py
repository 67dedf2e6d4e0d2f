"""The jobs of a pipeline over many tenants, ring by ring."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphpolicy.model import Desired, Tenant
from graphpolicy.model.errors import UsageError
from graphpolicy.starter.workflows import matrices

ROOT = Path(__file__).parents[3]


def fleet(count: int, ring: int | None = None, first: int = 0) -> list[Desired]:
    return [
        Desired("", Tenant(f"T{n}", str(n), ring=ring), ()) for n in range(first, first + count)
    ]


def made(*policies: Desired, shards: int | None = None) -> dict[str, Any]:
    names = [each.tenant.name for each in policies]
    return matrices(policies, names, shards, ["ci", "matrix"], {})


def test_each_tenant_has_a_job_with_the_environments_that_init_names() -> None:
    found = made(*fleet(1), *fleet(1, 2, first=1))
    assert list(found) == ["ring-2", "ring-none"]
    assert found["ring-2"]["include"] == [
        {
            "tenant": "T1",
            "short": "t1",
            "plan-environment": "entra-plan-t1",
            "apply-environment": "entra-apply-t1",
        }
    ]
    [only] = made(*fleet(1, 1))["ring-1"]["include"]
    assert only["plan-environment"] == "entra-plan"


def test_the_environments_of_a_ring_are_those_of_the_whole_fleet() -> None:
    policies = [Desired("", Tenant(name, name), ()) for name in ("a.b", "a-b")]
    found = matrices(policies[1:], ["a.b", "a-b"], None, [], {})
    assert found["ring-none"]["include"][0]["apply-environment"] == "entra-apply-a-b-2"


def test_github_runs_256_jobs_and_more_tenants_need_shards() -> None:
    assert len(made(*fleet(256, 1), *fleet(256, 2, first=256))["ring-1"]["include"]) == 256
    with pytest.raises(UsageError) as failed:
        made(*fleet(257, 3))
    assert "ring 3" in failed.value.text
    assert "257" in failed.value.text
    assert "graphpolicy ci matrix --shards " in failed.value.help


@pytest.mark.parametrize(
    ("count", "shards", "sizes"),
    [(257, 2, [128, 129]), (1000, 16, [62, 63]), (3, 16, [1]), (7, 1, [7])],
)
def test_shards_are_even_and_leave_no_tenant_out(count: int, shards: int, sizes: list[int]) -> None:
    jobs = made(*fleet(count, 1), shards=shards)["ring-1"]["include"]
    groups = [job["tenants"].split(",") for job in jobs]
    assert len(groups) == min(shards, count)
    assert [name for each in groups for name in each] == [f"T{n}" for n in range(count)]
    assert sorted({len(each) for each in groups}) == sizes
    assert {job["apply-environment"] for job in jobs} == {"entra-apply"}


def test_the_workflow_of_the_documentation_uses_what_there_is() -> None:
    """The outputs of rings and the members of a job; a ring waits for all before it."""
    page = (ROOT / "docs/tenants.md").read_text(encoding="utf-8")
    plain, sharded = re.findall(r"^```yaml\n# \.github/(.*?)^```", page, re.DOTALL | re.MULTILINE)
    jobs = yaml.safe_load(plain.partition("\n")[2])["jobs"]
    found = made(*fleet(2, 1), *fleet(2, 2, first=2))
    assert list(jobs) == ["rings", *found]
    assert set(jobs["rings"]["outputs"]) == set(found)
    before = ["rings"]
    for name, matrix in found.items():
        job = jobs[name]
        assert job["strategy"]["matrix"] == f"${{{{ fromJSON(needs.rings.outputs.{name}) }}}}"
        assert [job["needs"]] == before or job["needs"] == before
        before.append(name)
        used = {each.removeprefix("${{ matrix.")[:-3] for each in job["with"].values()}
        assert used < set(matrix["include"][0])
    [shard] = made(*fleet(2, 1), shards=1)["ring-1"]["include"]
    assert set(re.findall(r"matrix\.([a-z-]+)", sharded)) <= set(shard)
