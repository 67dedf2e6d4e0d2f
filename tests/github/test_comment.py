"""One comment on a pull request, kept up to date."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.github.conftest import event, summary
from tests.github.stand_in import MALLORY, Hub
from tests.shell import Done, Shell

CONTOSO = "11111111-2222-4333-8444-555555555555"


def report(text: str, verb: str = "plan", tenant: str = CONTOSO) -> str:
    marker = json.dumps({"v": 1, "tenants": [tenant], "digests": ["sha256:0"]})
    return f"<!-- graphpolicy:{verb} {marker} -->\n### {text}\n"


def comment(job: Shell, text: str, *arguments: str) -> Done:
    job.write(text, "plan.md")
    return job("ci", "comment", "plan.md", *arguments)


def test_the_first_report_is_a_comment_and_the_next_takes_its_place(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    done = comment(job, report("first"))
    assert (done.code, done.err) == (0, "commented on #1\n")
    assert comment(job, report("second")).code == 0
    assert hub.said(1) == [report("second")]
    assert summary(job).count("###") == 2


def test_it_is_found_beyond_the_first_page_and_among_others(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    others = ["hello", report("of an apply", "apply"), report("of another", tenant="9"), "bye"]
    for text in others:
        hub.add_comment(1, text)
    hub.add_comment(1, report("old"))
    assert comment(job, report("new")).code == 0
    assert hub.said(1) == [*others, report("new")]


def test_what_somebody_else_wrote_with_our_marker_is_left_alone(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    hub.add_comment(1, report("forged"), MALLORY)
    assert comment(job, report("real")).code == 0
    assert hub.said(1) == [report("forged"), report("real")]
    assert comment(job, report("mine"), "--author", "mallory").code == 0
    assert hub.said(1) == [report("mine"), report("real")]


def test_two_runs_that_began_at_once_leave_one_comment(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    hub.add_comment(1, report("one"))
    hub.add_comment(1, report("two"))
    assert comment(job, report("three")).code == 0
    assert hub.said(1) == [report("three")]


def test_a_tenant_that_a_push_adds_does_not_make_a_second_comment(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    both = report("two").replace(f'["{CONTOSO}"]', f'["{CONTOSO}", "9"]')
    for text in (report("one"), both, report("none of them", tenant="9")):
        assert comment(job, text).code == 0
        assert hub.said(1) == [text]


WRONG = '<!-- graphpolicy:plan {"v":1,"tenants":[],"digests":[]} -->\n### wrong\n'


def test_files_that_are_wrong_are_told_in_the_same_one_comment(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    for text in (WRONG, f"{WRONG}again", report("right"), WRONG, report("right again")):
        assert comment(job, text).code == 0
        assert hub.said(1) == [text]


def test_files_that_are_wrong_take_no_other_tenants_comment(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    one, other = report("one"), report("other", tenant="9")
    for text in (one, other, WRONG):
        assert comment(job, text).code == 0
    assert hub.said(1) == [one, other, WRONG]
    assert comment(job, one).code == 0
    assert hub.said(1) == [one, other]


@pytest.mark.parametrize("head", ["mallory/policy", None])
def test_on_a_fork_the_report_goes_to_the_summary_and_no_comment_is_tried(
    job: Shell, hub: Hub, head: str | None
) -> None:
    event(job, hub.add_issue("a change"), head)
    done = comment(job, report("from a fork"))
    assert done.code == 0
    assert "from a fork" in summary(job)
    assert hub.asked == []


def test_a_token_that_may_only_read_is_a_notice(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    hub.read_only = True
    done = comment(job, report("text"))
    assert done.code == 0
    assert done.out.startswith("::notice title=graphpolicy::")
    assert "text" in summary(job)
    assert hub.said(1) == []


def test_after_a_merge_the_pull_request_of_the_commit_is_commented_on(job: Shell, hub: Hub) -> None:
    hub.add_issue("closed without a merge")
    hub.add_issue("merged")
    hub.pulls["a" * 40] = [
        {"number": 1, "merged_at": None},
        {"number": 2, "merged_at": "2026-11-24T02:40:00Z"},
    ]
    assert comment(job, report("applied", "apply")).code == 0
    assert hub.said(2) == [report("applied", "apply")]
    hub.pulls.clear()
    done = comment(job, report("pushed"))
    assert (done.code, hub.said(1)) == (0, [])
    assert "no pull request" in done.err


@pytest.fixture
def waited(job: Shell, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds between two tries, which this process does not wait."""
    found: list[float] = []
    job.installed = False
    clock = SimpleNamespace(sleep=found.append, time=time.time)
    monkeypatch.setattr("urllib3.util.retry.time", clock)
    return found


def test_a_rate_limit_is_waited_out(job: Shell, hub: Hub, waited: list[float]) -> None:
    event(job, hub.add_issue("a change"))
    limited = "You have exceeded a secondary rate limit"
    hub.refusals = [(403, {"Retry-After": "60"}, limited), (502, {}, "bad gateway")]
    assert comment(job, report("late")).code == 0
    assert waited == [60]
    assert hub.said(1) == [report("late")]


@pytest.mark.parametrize(("status", "seconds"), [(403, [60.0]), (429, [60.0]), (502, [])])
def test_a_change_waits_for_a_rate_limit_too(
    job: Shell, hub: Hub, waited: list[float], status: int, seconds: list[float]
) -> None:
    headers = {"Retry-After": "60"} if seconds else {}
    event(job, hub.add_issue("a change"))
    hub.add_comment(1, report("early"))
    hub.refused_writes = [(status, headers, "You have exceeded a secondary rate limit")]
    assert comment(job, report("late")).code == 0
    assert hub.said(1) == [report("late")]
    assert waited == seconds


def test_a_rate_limit_that_lasts_is_no_lack_of_permission(job: Shell, hub: Hub) -> None:
    event(job, hub.add_issue("a change"))
    later = str(int(time.time()) + 7200)
    hub.refusals = [(403, {"X-RateLimit-Reset": later}, "API rate limit exceeded for installation")]
    done = comment(job, report("text"))
    assert done.code == 1
    assert "API rate limit exceeded" in done.err
    assert "run the job again then" in done.err
    assert "permissions" not in done.err
    hub.refusals = [(502, {}, "bad gateway")] * 9
    done = comment(job, report("text"))
    assert done.code == 1
    assert "GitHub refused the request 5 times" in done.err
    assert "later" in done.err


def test_a_report_that_is_not_text_is_told(job: Shell) -> None:
    (job.folder / "report.md").write_bytes(b"\xff\xfe")
    done = job("ci", "comment", "report.md")
    assert done.code == 1
    assert "report.md is not UTF-8 text" in done.err


def test_what_github_refuses_is_told_with_a_way_out_and_without_the_token(
    job: Shell, hub: Hub
) -> None:
    event(job, 4)
    hub.refusals = [(404, {}, "Not Found")]
    done = comment(job, report("text"))
    assert done.code == 1
    assert done.err == (
        "error: reading the comments of #4: GitHub answered 404: Not Found\n"
        "  help: the job's token may not see this: check GITHUB_REPOSITORY and `permissions:`\n"
    )
    job.environment["GITHUB_TOKEN"] = "ghs_expired"
    refused = comment(job, report("text"))
    assert refused.code == 1
    assert "401" in refused.err
    assert "ghs_expired" not in refused.text


@pytest.mark.parametrize("text", ["no marker", "<!-- graphpolicy:plan {} -->\n", ""])
def test_a_text_that_is_no_report_is_not_posted(job: Shell, hub: Hub, text: str) -> None:
    event(job, hub.add_issue("a change"))
    assert comment(job, text).code == 64
    assert hub.said(1) == []


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_outside_of_a_job_it_says_what_is_missing(job: Shell, name: str) -> None:
    event(job, 1)
    job.environment.pop(name)
    done = comment(job, report("text"))
    assert done.code == 64
    assert f"{name} is not set" in done.err


def test_a_github_that_can_not_be_reached_is_told(job: Shell) -> None:
    event(job, 1)
    job.environment["GITHUB_API_URL"] = "http://127.0.0.1:9"
    done: Any = comment(job, report("text"))
    assert done.code == 1
    assert "GitHub can't be reached" in done.err
    assert "Traceback" not in done.text
