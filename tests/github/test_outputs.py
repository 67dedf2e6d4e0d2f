"""What one job passes to the next, and what a reviewer of an environment reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.github.conftest import event, summary
from tests.github.stand_in import MALLORY, Hub
from tests.shell import Done, Shell

CONTOSO = "11111111-2222-4333-8444-555555555555"
ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def plan(name: str = "contoso", digest: str | None = ONE, **more: Any) -> dict[str, Any]:
    counts = {"changes": 3, "errors": 0, "warnings": 1, "notes": 9}
    tenant = {"name": name, "id": CONTOSO, "cloud": "global"}
    return {"tenant": tenant, "digest": digest, "refused": False, "summary": counts, **more}


def outputs(job: Shell, *plans: dict[str, Any], only: str | None = None) -> Done:
    job.write(json.dumps({"format_version": "1", "plans": plans}), "plan.json")
    return job("ci", "outputs", "plan.json", *(["--tenant", only] if only else []))


def test_later_jobs_get_the_digest_and_the_counts(job: Shell, tmp_path: Path) -> None:
    told = f"digest={ONE}\nchanges=3\nerrors=0\nwarnings=1\nrefused=false\n"
    assert outputs(job, plan()).out == told
    job.environment["GITHUB_OUTPUT"] = str(tmp_path / "outputs")
    (tmp_path / "outputs").write_text("earlier=1\n")
    done = outputs(job, plan())
    assert (done.code, done.text) == (0, "")
    assert (tmp_path / "outputs").read_text() == f"earlier=1\n{told}"
    assert outputs(job, plan(digest=None)).code == 0
    assert (tmp_path / "outputs").read_text().count("digest=\n") == 1


def test_no_text_of_a_plan_adds_an_output_or_ends_one(job: Shell, tmp_path: Path) -> None:
    """Five lines of a fixed form, or none, whatever a tenant, a file or a rule is called."""
    job.environment["GITHUB_OUTPUT"] = str(tmp_path / "outputs")
    job.environment["GITHUB_ENV"] = str(tmp_path / "env")
    for text in (
        "a\nevil=1",
        "a\r\nevil=1",
        "x<<EOF\nEOF",
        "::set-output name=evil::1",
        "\x85evil=1",
    ):
        (tmp_path / "outputs").unlink(missing_ok=True)
        done = outputs(job, plan(text, file=text, findings=[{"rule": text}], changes=[text]))
        assert done.code == 0, done.text
        told = (tmp_path / "outputs").read_bytes().decode()
        assert told == f"digest={ONE}\nchanges=3\nerrors=0\nwarnings=1\nrefused=false\n"
        for wrong in (
            plan(digest=f"{ONE}\n{text}"),
            plan(digest=text),
            plan(summary={"changes": text, "errors": 0, "warnings": 0}),
        ):
            assert outputs(job, wrong).code == 1
        assert (tmp_path / "outputs").read_bytes().decode() == told
        outputs(job, plan(refused=text))
        assert (tmp_path / "outputs").read_bytes().decode() == told + told.replace("false", "true")
    assert not (tmp_path / "env").exists()


def test_outputs_are_of_one_tenant(job: Shell) -> None:
    two = plan(), plan("fabrikam", OTHER)
    refused = outputs(job, *two)
    assert refused.code == 64
    assert "2 tenants" in refused.err
    assert "--tenant" in refused.err
    assert f"digest={OTHER}\n" in outputs(job, *two, only="fabrikam").out
    assert outputs(job).code == 64


def test_a_tenant_without_a_plan_has_no_outputs(job: Shell) -> None:
    failed = plan(digest=None, error={"code": "sign-in", "message": "it may not be read"})
    refused = outputs(job, failed)
    assert (refused.code, refused.out) == (64, "")
    assert "it may not be read" in refused.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"plans": [{}]}',
        json.dumps({"plans": [plan(digest="x\ny=1")]}),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_plan_has_no_outputs(job: Shell, text: str) -> None:
    job.write(text, "plan.json")
    done = job("ci", "outputs", "plan.json")
    assert (done.code, done.out) == (1, "")
    assert "plan.json is not a report of a plan" in done.err
    assert "graphpolicy plan -o plan.json" in done.err


@pytest.mark.parametrize(
    ("verb", "file"), [("comment", "plan.md"), ("summary", "plan.md"), ("outputs", "plan.json")]
)
def test_a_report_that_is_missing_is_told_with_how_to_make_one(
    job: Shell, verb: str, file: str
) -> None:
    event(job, 1)
    done = job("ci", verb, file)
    assert done.code == 1
    assert f"{file} does not exist" in done.err
    assert f"graphpolicy plan -o {file}" in done.err


def report(digest: str | None, verb: str = "plan", tenant: str = CONTOSO) -> str:
    marker = {"v": 1, "tenants": [tenant], "digests": [digest] if digest else []}
    return f"<!-- graphpolicy:{verb} {json.dumps(marker)} -->\n### what was planned\n"


def summarise(job: Shell, text: str) -> Done:
    job.write(text, "plan.md")
    done = job("ci", "summary", "plan.md")
    assert done.code == 0
    assert "### what was planned" in summary(job)
    return done


def merged(hub: Hub) -> int:
    number = hub.add_issue("merged")
    hub.pulls["a" * 40] = [{"number": number, "merged_at": "2026-11-24T02:40:00Z"}]
    return number


def test_after_a_merge_the_summary_says_that_this_plan_was_reviewed(job: Shell, hub: Hub) -> None:
    hub.add_comment(merged(hub), "looks good")
    hub.add_comment(1, report(OTHER), MALLORY)
    hub.add_comment(1, report(ONE))
    summarise(job, report(ONE))
    assert "the same plan as reviewed in #1" in summary(job)
    assert len(hub.said(1)) == 3


def test_after_a_merge_the_summary_says_that_a_wave_has_other_people_now(
    job: Shell, hub: Hub
) -> None:
    def of(people: int) -> str:
        return report(ONE).replace('"v": 1', f'"v": 1, "people": [{people}]')

    hub.add_comment(merged(hub), of(40))
    summarise(job, of(4000))
    assert "the same plan as reviewed in #1, but" in summary(job)
    assert "4,000 now, 40 then" in summary(job)


def test_after_a_merge_the_summary_warns_of_another_plan(job: Shell, hub: Hub) -> None:
    hub.add_comment(merged(hub), report(OTHER))
    hub.add_comment(1, report(ONE), MALLORY)
    summarise(job, report(ONE))
    assert "not the plan that was reviewed in #1" in summary(job)


def test_a_tenant_that_nobody_planned_in_the_pull_request_is_told(job: Shell, hub: Hub) -> None:
    hub.add_comment(merged(hub), report(ONE, tenant="9"))
    summarise(job, report(ONE))
    assert "#1 was reviewed without a plan of this tenant" in summary(job)


def test_without_a_digest_or_a_pull_request_nothing_is_compared(job: Shell, hub: Hub) -> None:
    summarise(job, report(ONE))
    hub.add_comment(merged(hub), report(ONE))
    summarise(job, report(None))
    assert "reviewed" not in summary(job)


def test_in_a_pull_request_and_without_a_token_nobody_is_asked(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    summarise(job, report(ONE))
    job.environment.pop("GITHUB_TOKEN")
    job.environment.pop("GITHUB_EVENT_PATH")
    summarise(job, report(ONE))
    assert hub.asked == []


def test_a_github_that_refuses_does_not_hide_the_plan(job: Shell, hub: Hub) -> None:
    merged(hub)
    hub.refusals = [(403, {}, "Resource not accessible by integration")]
    done = summarise(job, report(ONE))
    assert "it is not clear whether this plan was reviewed" in done.err
    assert "403" in done.err


def test_jobs_of_each_ring_are_printed_and_passed_on(job: Shell, tmp_path: Path) -> None:
    for name, ring in {"contoso": ", ring: 2", "fabrikam": ", ring: 1", "adatum": ""}.items():
        id_ = f"{len(name)}" * 8 + "-2222-4333-8444-555555555555"
        job.write(f"version: 1\ntenant: {{id: {id_}{ring}}}\n", f"policies/{name}.yaml")
    job.environment["GITHUB_OUTPUT"] = str(tmp_path / "outputs")
    done = job("ci", "matrix")
    assert (done.code, done.err) == (0, "")
    every = json.loads(done.out)
    lines = (tmp_path / "outputs").read_text(encoding="utf-8").splitlines()
    passed = {name: json.loads(text) for name, _, text in (line.partition("=") for line in lines)}
    assert passed == every
    assert list(every) == ["ring-1", "ring-2", "ring-none"]
    one = json.loads(job("ci", "matrix", "--ring", "2").out)
    assert [each["tenant"] for each in one["include"]] == ["contoso"]
    [shard] = json.loads(job("ci", "matrix", "--ring=2", "--shards=4").out)["include"]
    assert json.loads(job("ci", "matrix", "--tenant", shard["tenants"]).out) == {"ring-2": one}
    unknown = job("ci", "matrix", "--ring", "3")
    assert (unknown.code, unknown.out) == (64, "")
    assert "1, 2, none" in unknown.err
    job.write("version: 1\ntenant: {id: '${{ github.token }}'}\n", "policies/contoso.yaml")
    wrong = job("ci", "matrix")
    assert (wrong.code, wrong.out) == (1, "")
