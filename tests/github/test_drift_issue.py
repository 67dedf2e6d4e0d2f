"""One issue per tenant, from the first drift to its end, and when the tenant can't be read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from graphpolicy.github.drift_result import DriftedSetting, TenantDrift, looks
from graphpolicy.github.tenant_issue import Issue, IssueUpdate, memory, step
from graphpolicy.mock import Mock, Server
from tests.github.stand_in import MALLORY, Hub
from tests.shell import Done, Shell

LABEL = "graphpolicy-drift"
TENANT = {"name": "contoso", "id": "11111111-2222-4333-8444-555555555555", "cloud": "global"}
OTHER = {"name": "fabrikam", "id": "22222222-2222-4333-8444-555555555555", "cloud": "global"}


ONCALL = {
    "kind": "user",
    "name": "oncall@contoso.com",
    "at": "2026-11-24T02:10:00Z",
    "ip_address": "203.0.113.7",
    **dict.fromkeys(("id", "correlation_id", "request_id", "why", "notice")),
}


def changed(resource: str, before: str = "enabled", after: str = "disabled") -> dict[str, Any]:
    return {
        "resource": resource,
        "path": "state",
        "before_label": before,
        "after_label": after,
        "changed_by": [ONCALL],
    }


def plan(*changes: dict[str, Any], tenant: Any = TENANT, **more: Any) -> dict[str, Any]:
    return {"tenant": tenant, "changes": list(changes), "held": [], "findings": [], **more}


def failed(message: str, tenant: Any = TENANT) -> dict[str, Any]:
    return {"tenant": tenant, "error": {"code": "graph-error", "message": message}}


def drift_issue(job: Shell, *plans: dict[str, Any]) -> Done:
    job.write(json.dumps({"format_version": "1", "plans": plans}), "drift.json")
    return job("ci", "drift-issue", "drift.json")


def only(hub: Hub) -> dict[str, Any]:
    [issue] = [each for each in hub.issues.values() if each["user"] is not MALLORY]
    return issue


@pytest.mark.parametrize(
    ("kind", "by"), [("microsoft", "Microsoft"), ("unknown", "somebody unknown")]
)
def test_a_look_names_microsoft_as_surely_as_the_audit_log_allows(kind: str, by: str) -> None:
    notice = {"about": "", "since": "2026-09-01", "source": "https://x.test"}
    hand = {**ONCALL, "kind": kind, "name": None, "at": None, "notice": notice}
    [look] = looks({"plans": [plan({**changed("Fido2"), "changed_by": [hand]})]})
    [difference] = look.differences
    assert difference.who.split(":")[0] == by
    assert "https://x.test" in difference.who


def test_an_issue_lives_from_the_first_drift_to_its_end(job: Shell, hub: Hub) -> None:
    assert drift_issue(job, plan()).code == 0
    assert hub.issues == {}
    assert drift_issue(job, plan(changed("Voice"))).code == 0
    issue = only(hub)
    assert (issue["title"], issue["state"]) == ("Drift in contoso: 1 difference", "open")
    assert "`Voice.state`: tenant `enabled` (by `oncall@contoso.com" in issue["body"]
    assert "· file `disabled`" in issue["body"]
    assert "oncall@contoso.com" in issue["body"]
    assert drift_issue(job, plan(changed("Voice"))).code == 0
    assert hub.said(1) == []
    assert drift_issue(job, plan(changed("Sms"), changed("Voice"))).code == 0
    assert only(hub)["title"] == "Drift in contoso: 2 differences"
    assert [text.split(":")[0] for text in hub.said(1)] == ["The drift changed"]
    assert drift_issue(job, plan()).code == 0
    assert only(hub)["state"] == "closed"
    assert drift_issue(job, plan(changed("Voice"))).code == 0
    assert only(hub)["state"] == "open"
    assert [text.split(":")[0] for text in hub.said(1)] == [
        "The drift changed",
        "There is no more drift",
        "There is new drift",
    ]


def test_a_watch_that_has_gone_blind_says_so_and_closes_nothing(job: Shell, hub: Hub) -> None:
    assert drift_issue(job, failed("403: permission missing")).code == 0
    issue = only(hub)
    assert issue["state"] == "open"
    assert "unknown since" in issue["title"]
    assert "1 run" in issue["title"]
    assert "permission missing" in issue["body"]
    assert drift_issue(job, failed("403: permission missing")).code == 0
    assert "2 runs" in only(hub)["title"]
    assert hub.said(1) == []
    only(hub)["state"] = "closed"  # by a person: it opens again, with a comment
    assert drift_issue(job, failed("403: permission missing")).code == 0
    assert (only(hub)["state"], len(hub.said(1))) == ("open", 1)
    assert drift_issue(job, plan(changed("Voice"))).code == 0
    assert drift_issue(job, failed("gone again")).code == 0
    assert "`Voice.state`" in only(hub)["body"]
    assert "1 run" in only(hub)["title"]
    assert drift_issue(job, plan()).code == 0
    assert only(hub)["state"] == "closed"
    assert drift_issue(job, failed("and again")).code == 0
    assert only(hub)["state"] == "open"


@pytest.mark.parametrize("text", [None, "", "{", '{"plans": []}', '{"plans": [{}]}', "[]"])
def test_without_a_report_every_watched_tenant_is_blind(
    job: Shell, hub: Hub, text: str | None
) -> None:
    drift_issue(job, plan(changed("Voice")), plan(changed("Sms"), tenant=OTHER))
    (job.folder / "drift.json").unlink()
    if text is not None:
        job.write(text, "drift.json")
    done = job("ci", "drift-issue", "drift.json")
    assert done.code == 1
    assert "drift.json" in done.err
    assert "Traceback" not in done.text
    titles = [issue["title"] for issue in hub.issues.values()]
    assert [title.partition(":")[0] for title in titles] == [
        "Drift in contoso",
        "Drift in fabrikam",
    ]
    assert all("unknown since" in title for title in titles)


@pytest.mark.parametrize("only_", ["fabrikam", OTHER["id"].upper()])
def test_a_job_of_one_tenant_makes_no_other_blind(job: Shell, hub: Hub, only_: str) -> None:
    drift_issue(job, plan(changed("Voice")), plan(changed("Sms"), tenant=OTHER))
    assert job("ci", "drift-issue", "missing.json", "--tenant", only_).code == 1
    blind = [issue["title"] for issue in hub.issues.values() if "unknown since" in issue["title"]]
    assert [title.partition(":")[0] for title in blind] == ["Drift in fabrikam"]


def test_an_issue_is_found_among_others_and_only_ours_counts(job: Shell, hub: Hub) -> None:
    drift_issue(job, plan(changed("Voice")))
    body = only(hub)["body"]
    hub.issues.clear()
    for _ in range(5):
        hub.add_issue("something else", label=LABEL)
    pull = hub.add_issue(body, label=LABEL)
    hub.issues[pull]["html_url"] = "https://github.com/contoso/policy/pull/6"
    hub.add_issue(body, MALLORY, label=LABEL)
    ours, twice = (hub.add_issue(body, label=LABEL) for _ in range(2))
    assert drift_issue(job, plan()).code == 0
    states = {number: issue["state"] for number, issue in hub.issues.items()}
    assert {number for number, state in states.items() if state == "closed"} == {ours, twice}
    assert hub.issues[twice]["title"] == f"Duplicate of #{ours}"


def test_without_its_label_an_issue_is_still_found(job: Shell, hub: Hub) -> None:
    drift_issue(job, plan(changed("Voice")))
    hub.issues[1]["labels"].clear()
    assert drift_issue(job, plan()).code == 0
    assert only(hub)["state"] == "closed"


def test_a_conversation_that_is_locked_and_a_repository_without_issues_are_told(
    job: Shell, hub: Hub
) -> None:
    drift_issue(job, plan(changed("Voice")))
    hub.refused_writes = [(403, {}, "Unable to create comment because issue is locked.")]
    done = drift_issue(job, plan(changed("Sms")))
    assert done.code == 1
    assert "help: unlock the conversation" in done.err
    hub.refusals = [(410, {}, "Issues are disabled for this repo")]
    done = drift_issue(job, plan())
    assert done.code == 1
    assert "Settings, General" in done.err


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [('"blind_runs": 0', '"blind_runs": "x"'), ('"name": "contoso"', '"name": 1')],
)
def test_a_marker_that_a_person_wrote_in_is_none_of_ours(ours: str, theirs: str) -> None:
    [done] = after(LOOK)
    assert done
    assert memory(done.body)
    assert ours in done.body
    assert memory(done.body.replace(ours, theirs)) is None


def test_an_issue_of_the_longest_names_is_one_that_github_takes() -> None:
    ticks = "`" * 5000
    rows = tuple(
        DriftedSetting(f"{ticks}{number}", ticks, ticks, "<&>" * 99) for number in range(60)
    )
    [done] = after(TenantDrift("t-1", "contoso", rows))
    assert done
    assert len(done.body) < 65_536
    shown = done.body.count("\n* `")
    assert f"* and {60 - shown} more" in done.body


def test_the_entries_of_a_list_that_differ_stand_whole_or_the_title_counts_them() -> None:
    models = [f"{number:08x}-{'a' * 500}" for number in range(200)]
    for count in (13, 200):
        item = changed("Fido2", ", ".join(models[:12]), ", ".join(models[:count]))
        item["entries"] = [{"sign": "+", "label": model} for model in models[12:count]]
        [look] = looks({"plans": [plan(item)]})
        [done] = after(look)
        assert done
        shown = [model for model in models[:count] if f"only in the file: `{model}`" in done.body]
        left = count - 12 - len(shown)
        assert models[0] not in done.body
        assert shown
        assert (f"{left} not shown here" in done.title) == bool(left)
        assert bool(left) == (count > 100)


LOOK = TenantDrift("t-1", "contoso", (DriftedSetting("Voice.state", "disabled", "enabled"),))
BLIND = TenantDrift("t-1", "contoso", blind="403")


def after(*looks: TenantDrift) -> list[IssueUpdate | None]:
    """What happens to an issue that does not exist at first, run by run."""
    steps: list[IssueUpdate | None] = []
    issue: Issue | None = None
    for number, look in enumerate(looks):
        found = step(issue, look, f"day {number}", "https://run")
        steps.append(found)
        if found:
            issue = Issue(1, found.open, found.body)
    return steps


def test_an_error_never_closes_and_never_forgets() -> None:
    *_, last = after(LOOK, BLIND, BLIND)
    assert last is not None
    assert last.open
    kept = memory(last.body)
    assert kept is not None
    assert (kept.blind_since, kept.blind_runs) == ("day 1", 2)
    *_, again = after(LOOK, BLIND, BLIND, LOOK)
    assert again is not None
    assert again.comment.startswith("The tenant can be read again")


def test_the_set_of_differences_counts_and_not_their_order_or_who_is_known() -> None:
    two = (DriftedSetting("Sms.state", "a", "b"), DriftedSetting("Voice.state", "a", "b"))
    known = (
        DriftedSetting("Voice.state", "a", "b", "ana"),
        DriftedSetting("Sms.state", "a", "b", "bob"),
    )
    _, second = after(TenantDrift("t-1", "contoso", two), TenantDrift("t-1", "contoso", known))
    assert second is not None
    assert second.comment == ""


HOSTILE = [
    "a|b",
    "`x`",
    "<script>",
    "@team",
    "\n::error::",
    "\x1b[31m",
    "\u202eabc",
    "-->",
    "x" * 65536,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:8]))
def test_hostile_names_break_neither_the_marker_nor_the_text(name: str) -> None:
    count = 100 if len(name) < 100 else 5
    many = tuple(DriftedSetting(f"{name}{n}", name, name, name) for n in range(count))
    for look in (
        TenantDrift("t-1", name, many),
        TenantDrift("t-1", name, blind=name),
        TenantDrift("t-1", name),
    ):
        *_, found = after(TenantDrift("t-1", name, many), look)
        assert found is not None
        kept = memory(found.body)
        assert kept is not None
        assert kept.tenant == "t-1"
        assert len(found.body) < 65_536
        assert len(found.title) < 200
        assert "<script>" not in re.sub(r"`[^`\n]*`|\\\\<", "", found.body)
        assert "\x1b" not in found.body + found.title + found.comment
        assert "\u202e" not in found.body + found.title + found.comment


HEALTH = """\
version: 1
tenant: {name: contoso, id: 11111111-2222-4333-8444-555555555555}
emergencyAccess: [{user: bg-01@contoso.com}, {user: bg-02@contoso.com}]
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Fido2: {state: enabled}
"""


def test_the_night_after_a_break_glass_key_was_deleted_opens_the_issue(
    job: Shell, hub: Hub, mock: Mock, server: Server
) -> None:
    job.environment |= {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        "SSL_CERT_FILE": str(server.certificate),
    }
    job.write(HEALTH)
    registered = mock.tenant().registered
    registered.register("bg-02@contoso.com", "fido2")

    def night() -> int:
        code = job("drift", "-o", "drift.json").code
        assert job("ci", "drift-issue", "drift.json").code == 0
        return code

    assert (night(), hub.issues) == (0, {})
    registered.forget("bg-02@contoso.com")
    assert night() == 0
    issue = only(hub)
    assert (issue["title"], issue["state"]) == ("Drift in contoso: 1 warning", "open")
    assert "holds no method that today's policy accepts" in issue["body"]
    registered.forget("bg-01@contoso.com")
    assert night() == 2
    assert "error" in only(hub)["title"]
    assert "be relied on: emergency-unhealthy" in job("drift", "--format", "html").out
    doctor = job("doctor")
    assert (doctor.code, "emergency access can't be relied on" in doctor.out) == (1, True)


def undeclared(*, drift: bool, **more: Any) -> dict[str, Any]:
    item = changed("QRCodePin", "disabled", "enabled")
    return {**item, "title": "QRCodePin", "drift": drift, **more}


def test_what_no_file_declares_opens_an_issue_only_where_it_is_drift() -> None:
    def stepped(issue: Issue | None, *items: dict[str, Any]) -> IssueUpdate | None:
        [look] = looks({"plans": [plan(unmanaged=list(items))]})
        return step(issue, look, "now", "https://run")

    on = undeclared(drift=True)
    other = undeclared(drift=False, title="Voice", path="includeTargets", entries=[])
    assert stepped(None, other) is None
    first = stepped(None, on, other)
    assert first
    assert (first.title, first.open) == ("Drift in contoso: 1 difference", True)
    assert "`QRCodePin.state`, in no file: snapshot `disabled` · tenant `enabled`" in first.body
    assert "`Voice.includeTargets`" in first.body
    issue = Issue(1, open=True, body=first.body)
    same = stepped(issue, on)
    assert same
    assert same.comment == ""
    more = stepped(issue, on, undeclared(drift=True, title="Sms"))
    assert more
    assert more.comment.startswith("The drift changed")
    closed = stepped(issue, other)
    assert closed
    assert not closed.open


def test_what_the_watch_is_there_for_opens_an_issue_as_a_warning_and_others_do_not() -> None:
    def finding(rule: str, level: str = "warning", acknowledged: bool = False) -> dict[str, Any]:
        return {"rule": rule, "level": level, "message": "x", "acknowledged": acknowledged}

    opened = {}
    for name, each in {
        "unhealthy": finding("emergency-unhealthy"),
        "gone": finding("emergency-account-not-found"),
        "accepted": finding("emergency-unhealthy", acknowledged=True),
        "told": finding("emergency-checked", "note"),
        "another": finding("retiring-setting"),
    }.items():
        [look] = looks({"plans": [{**plan(), "findings": [each]}]})
        opened[name] = step(None, look, "now", "https://run") is not None
    assert [name for name, is_open in opened.items() if is_open] == ["unhealthy", "gone"]
