"""`ci notify`: a channel gets each set of differences once, and its end once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft6Validator

from graphpolicy.commands.notify import untold
from graphpolicy.github.cards import RECEIVERS, News, message
from graphpolicy.github.drift_result import DriftedSetting, RolloutProgress, TenantDrift
from graphpolicy.github.tenant_issue import Issue, remembered, state_of, step
from graphpolicy.github.wave_news import WaveNews, marks, new_waves
from tests.github import test_drift_issue as drift
from tests.github.receiver import SECRET, Receiver
from tests.github.stand_in import Hub
from tests.github.test_drift_issue import HOSTILE, OTHER, changed
from tests.shell import Done, Shell

RUN = "https://github.com/contoso/policy/actions/runs/7"
Reply: TypeAlias = tuple[int, dict[str, str], bytes]
CARD = Draft6Validator(
    json.loads(Path(__file__).with_name("adaptive-card-1.5.json").read_text(encoding="utf-8"))
)
ENVELOPE = Draft6Validator(
    {
        # Microsoft: "Create incoming webhooks with Workflows": a message with cards attached.
        "required": ["type", "attachments"],
        "properties": {
            "type": {"const": "message"},
            "attachments": {
                "minItems": 1,
                "items": {
                    "required": ["contentType", "content"],
                    "properties": {
                        "contentType": {"const": "application/vnd.microsoft.card.adaptive"}
                    },
                },
            },
        },
        "additionalProperties": False,
    }
)


def plan(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"unmanaged": [], **drift.plan(*changes, **more)}


def slack_text(most: int, *kinds: str) -> dict[str, Any]:
    """Slack: "Text object" and the pages of the blocks that have one."""
    properties = {
        "type": {"enum": list(kinds)},
        "text": {"type": "string", "minLength": 1, "maxLength": most},
        "emoji": {"type": "boolean"},
        "verbatim": {"type": "boolean"},
    }
    return {
        "type": "object",
        "required": ["type", "text"],
        "properties": properties,
        "additionalProperties": False,
    }


SLACK = Draft6Validator(
    {
        # Slack: "Sending messages using incoming webhooks", "Header block", "Section block".
        "type": "object",
        "required": ["text", "blocks"],
        "additionalProperties": False,
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 4000},
            "blocks": {
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": {
                    "oneOf": [
                        {
                            "required": ["type", "text"],
                            "properties": {
                                "type": {"const": kind},
                                "text": slack_text(most, *kinds),
                            },
                            "additionalProperties": False,
                        }
                        for kind, most, kinds in (
                            ("header", 150, ["plain_text"]),
                            ("section", 3000, ["plain_text", "mrkdwn"]),
                        )
                    ]
                },
            },
        },
    }
)


def checked(receiver: str, news: list[News]) -> Any:
    """The message, which its receiver takes."""
    body = message(receiver, news, RUN)
    document = json.loads(body)
    if receiver == "teams":
        ENVELOPE.validate(document)
        CARD.validate(document["attachments"][0]["content"])
        assert len(body) < 28_000
    elif receiver == "slack":
        SLACK.validate(document)
        assert sum(len(each["text"]["text"]) for each in document["blocks"]) < 13_000
    else:
        assert len(body) < 200_000
    return document


def texts(receiver: str, document: Any) -> list[str]:
    """Every text of a message that a person reads."""
    if receiver == "teams":
        body = document["attachments"][0]["content"]["body"]
        return [run["text"] for block in body for run in block["inlines"]]
    if receiver == "slack":
        return [line for b in document["blocks"] for line in b["text"]["text"].split("\n")]
    return [json.dumps(each) for each in document["tenants"]]


VOICE = DriftedSetting("Voice.state", "disabled", "enabled", "the user ana@contoso.com")
LOOK = TenantDrift(
    "t-1",
    "contoso",
    (VOICE, DriftedSetting("QRCodePin.state", "disabled", "enabled", "Microsoft", undeclared=True)),
    (("not-offered", "Hardware is not offered"),),
    warnings=(("emergency-unhealthy", "user 'bg-01@contoso.com' is disabled"),),
)


def test_each_receiver_gets_what_differs_who_changed_it_and_where_the_run_is() -> None:
    news = [
        News("drift", LOOK),
        News("blind", TenantDrift("t-2", "fabrikam", blind="403: permission missing")),
        News("ended", TenantDrift("t-3", "tailspin")),
        News("sees", TenantDrift("t-4", "adatum")),
    ]
    for receiver in RECEIVERS:
        document = checked(receiver, news)
        said = json.dumps(document)
        for words in (
            "Voice.state",
            "ana@contoso.com",
            "emergency-unhealthy",
            "can't be checked",
            RUN,
        ):
            assert words in said, (receiver, words)
        assert "No more drift in tailspin" in said
        assert "Drift in adatum can be checked again" in said


def test_the_schemas_can_refuse() -> None:
    run = {"type": "TextRun", "text": "x"}
    for body in (
        [{"type": "Nonsense"}],
        [{"type": "RichTextBlock", "inlines": [{**run, "colour": "Good"}]}],
        [{"type": "RichTextBlock", "inlines": [{**run, "weight": "Heavy"}]}],
    ):
        assert not CARD.is_valid({"type": "AdaptiveCard", "version": "1.2", "body": body})
    header = {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}
    assert not SLACK.is_valid({"text": "x", "blocks": [header]})


def test_hostile_names_are_text_for_every_receiver() -> None:
    odd = [
        *HOSTILE,
        "<!channel> <@U1> *a* _b_ ~c~ `d`",
        "**b** [a](https://evil.test) <at>x</at>",
        "{{DATE(2026-01-01T00:00:00Z,SHORT)}}",
        "&lt;",
    ]
    for name in odd:
        look = TenantDrift("t-1", name, (DriftedSetting(name, name, name, name),), ((name, name),))
        for receiver in RECEIVERS:
            document = checked(receiver, [News("drift", look)])
            if receiver == "teams":  # no Markdown in text runs, and nothing that a card computes
                kinds = {each["type"] for each in document["attachments"][0]["content"]["body"]}
                assert kinds == {"RichTextBlock"}
                assert not any("{{" in text for text in texts(receiver, document))
            if receiver == "slack":
                own = {f"<{RUN}|Open the run>"}
                said = [text for text in texts(receiver, document) if text not in own]
                assert not any(character in text for text in said for character in "<>")
                marked = [b["text"] for b in document["blocks"] if b["text"]["type"] == "mrkdwn"]
                assert [each["text"] for each in marked] == [*own]
            for text in texts(receiver, document):
                assert "\x1b" not in text
                assert "\u202e" not in text


def test_what_is_left_out_is_counted() -> None:
    rows = tuple(DriftedSetting(f"S{n:04}", "a" * 90, "b" * 90) for n in range(3_000))
    for receiver in RECEIVERS:
        document = checked(receiver, [News("drift", TenantDrift("t-1", "contoso", rows))])
        if receiver == "webhook":
            (tenant,) = document["tenants"]
            shown, more = len(tenant["differences"]), document["left_out"]
        else:
            said = texts(receiver, document)
            shown = sum(text.startswith(("S0", "S1", "S2")) for text in said)
            more = sum(int(text.split()[1]) for text in said if text.startswith("and "))
        assert (shown > 5, shown + more) == (True, 3_000), receiver
    many = [News("drift", TenantDrift(str(n), f"tenant-{n}", (VOICE,))) for n in range(1_000)]
    for receiver in RECEIVERS:
        document = checked(receiver, many)
        whole = json.dumps(document)
        shown = sum(f"tenant-{n}: " in whole or f'tenant-{n}"' in whole for n in range(1_000))
        assert 10 < shown < 1_000, receiver
        assert f"{1_000 - shown} more tenants" in whole or receiver == "webhook", receiver


@pytest.fixture
def telling(job: Shell, receiver: Receiver) -> Shell:
    job.environment["GRAPHPOLICY_NOTIFY_URL"] = receiver.url
    job.settings["graphpolicy.graph.webhook.LONGEST_WAIT"] = 0.0
    return job


def told(job: Shell, *plans: dict[str, Any], issue: bool = True, to: str = "teams") -> Done:
    job.write(json.dumps({"format_version": "1", "plans": plans}), "drift.json")
    if issue:
        assert job("ci", "drift-issue", "drift.json").code == 0
    done = job("ci", "notify", "drift.json", "--to", to, "--debug")
    assert SECRET not in done.text
    assert done.code == 0, done.text
    return done


def test_each_set_of_differences_is_told_once_and_once_that_it_is_over() -> None:
    issue: Issue | None = None
    titles = []
    two = replace(LOOK, differences=LOOK.differences[:1])
    nothing, blind = TenantDrift("t-1", "contoso"), TenantDrift("t-1", "contoso", blind="403")
    nights = (nothing, LOOK, LOOK, two, blind, blind, two, nothing, nothing, blind, nothing)
    for night, look in enumerate(nights):
        found = step(issue, look, f"day {night}", RUN)
        issue = Issue(1, found.open, found.body) if found else issue
        for each in untold([look], [issue] if issue else []):
            titles += [(night, one.kind) for one in each.news]
            assert each.issue
            issue = replace(each.issue, body=remembered(each.issue.body, state_of(look), {}))
    assert titles == [
        (1, "drift"),
        (3, "drift"),
        (4, "blind"),
        (6, "drift"),
        (7, "ended"),
        (9, "blind"),
        (10, "sees"),
    ]


def test_a_wave_is_told_when_it_is_due_held_up_or_opened_and_again_for_another_reason() -> None:
    """Changed numbers are not news, nor is a wave before its day."""

    def held(*unmet: tuple[str, str]) -> RolloutProgress:
        return RolloutProgress("location", "pilot", "staff", due=False, unmet=unmet)

    few, fewer = (("registered", f"{share} per cent have registered") for share in (89, 88))
    soak, unread = ("soakDays", "6 days; 7 are needed"), ("registered?", "not known: 403")
    due = RolloutProgress("location", "pilot", "staff", due=True)
    nights = (
        held(("from", "its first day is 2026-12-10"), few),
        held(few, soak),
        held(fewer, soak),
        held(few),
        held(unread),
        due,
        due,
        held(few),
        due,
        RolloutProgress("location", "staff"),
        RolloutProgress("location", "staff", "everyone"),
    )
    told, known = [], marks([RolloutProgress("location", "pilot")])
    for night, each in enumerate(nights):
        news = new_waves([each], known, remembers=True)
        told += [(night, one.state, one.wave) for one in news]
        known = marks([each])
    assert told == [
        (1, "held", "staff"),
        (3, "held", "staff"),
        (4, "held", "staff"),
        (5, "due", "staff"),
        (7, "held", "staff"),
        (8, "due", "staff"),
        (9, "opened", "staff"),
    ]
    (begun,) = new_waves([RolloutProgress("location", "pilot")], {}, remembers=True)
    assert begun.state == "opened"
    assert not [*new_waves([RolloutProgress("location", "pilot")], {}, remembers=False)]


def rolling(state: str = "waiting", why: str = "89 per cent", name: str = "location") -> Any:
    unmet = {"waits_for": [why], "unmet": [{"need": "registered", "known": True}]}
    nothing: dict[str, Any] = {"waits_for": [], "unmet": []}
    waves = [
        {"name": "pilot", "state": "open", **nothing},
        {"name": "staff", "state": state, **(unmet if state == "waiting" else nothing)},
    ]
    return {"rollouts": [{"name": name, "open": "pilot", "waves": waves}]}


def test_waves_are_remembered_without_drift_and_beside_it(
    telling: Shell, receiver: Receiver, hub: Hub
) -> None:
    for why in ("89 per cent", "88 per cent"):
        told(telling, plan(**rolling(why=why)), to="webhook")
    told(telling, plan(changed("Voice"), **rolling("due")), to="webhook")
    told(telling, plan(**rolling("opens")), to="webhook")
    said = [
        [
            (each["kind"], [(w["wave"], w["state"]) for w in each["waves"]])
            for each in body["tenants"]
        ]
        for body in receiver.bodies
    ]
    assert said == [
        [("waves", [("pilot", "opened"), ("staff", "held")])],
        [("drift", []), ("waves", [("staff", "due")])],
        [("ended", [])],
    ]
    assert receiver.bodies[0]["tenants"][0]["waves"][1]["waits_for"] == ["89 per cent"]
    (issue,) = hub.issues.values()
    assert (issue["title"], issue["state"]) == ("Drift in contoso: none", "closed")


def test_hostile_names_of_waves_are_text_for_every_receiver() -> None:
    for name in HOSTILE:
        news = News("waves", LOOK, (WaveNews(name, name, "held", (name,)),))
        for receiver in RECEIVERS:
            assert not any("\x1b" in text for text in texts(receiver, checked(receiver, [news])))
        [mark] = marks([RolloutProgress(name, name, name, due=True)]).values()
        assert mark.replace(":", "").isalnum()


def test_the_drift_issue_remembers_what_the_channel_was_told(
    telling: Shell, receiver: Receiver, hub: Hub
) -> None:
    for _ in range(2):
        told(telling, plan(changed("Voice")), to="webhook")
    (body,) = receiver.bodies
    assert body["tenants"][0]["title"] == "Drift in contoso: 1 difference"
    assert body["run"] == RUN
    assert SECRET not in json.dumps(hub.issues)


def test_without_an_issue_every_run_tells_what_it_found(telling: Shell, receiver: Receiver) -> None:
    del telling.environment["GITHUB_TOKEN"]
    one = changed("Voice")
    known = {"name": "ana@contoso.com", "ip_address": "203.0.113.7"}
    one["changed_by"] = [{**one["changed_by"][0], **known}]
    for _ in range(2):
        told(telling, plan(one), plan(tenant=OTHER), issue=False, to="slack")
    assert len(receiver.bodies) == 2
    SLACK.validate(receiver.bodies[0])
    assert "ana@contoso.com" in json.dumps(receiver.bodies)
    assert "203.0.113.7" not in json.dumps(receiver.bodies)
    assert "fabrikam" not in json.dumps(receiver.bodies)


def test_a_receiver_that_is_down_changes_no_verdict_and_is_told_the_next_night(
    telling: Shell, receiver: Receiver
) -> None:
    busy: Reply = (429, {"Retry-After": "900"}, b"")
    down: Reply = (503, {}, b"")
    moved: Reply = (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b"")
    odd: Reply = (400, {}, f"https://hooks.test/{SECRET}".encode())
    for replies, sent, words in (
        ([down] * 4, 4, "it answered 503"),
        ([moved], 1, "is not followed"),
        ([(400, {}, b"invalid_blocks")], 1, "invalid_blocks"),
        ([odd], 1, "it answered 400"),
        ([busy, down], 3, "sent to teams"),
    ):
        receiver.replies, before = list(replies), len(receiver.bodies)
        done = told(telling, plan(changed("Voice")), issue=before == 0)
        assert (words in done.err, len(receiver.bodies) - before) == (True, sent), done.text
    assert told(telling, plan(changed("Voice")), issue=False).err.count("nothing new") == 1
    telling.environment["GRAPHPOLICY_NOTIFY_URL"] = f"http://127.0.0.1:9/{SECRET}"
    assert "can't be reached" in told(telling, plan(changed("Sms")), issue=False).err


def test_an_address_that_is_none_is_a_mistake_and_is_not_repeated(telling: Shell) -> None:
    telling.write(json.dumps({"plans": []}), "drift.json")
    for address in (
        "",
        SECRET,
        f"http://hooks.slack.com/{SECRET}",
        f"https://ana:{SECRET}@hooks.slack.com/x",
        f"https://hooks.slack.com/{SECRET} x",
        f"https://[{SECRET}",
        f"ftp://127.0.0.1/{SECRET}",
    ):
        done = telling(
            "ci", "notify", "drift.json", "--to", "slack", env={"GRAPHPOLICY_NOTIFY_URL": address}
        )
        assert (done.code, SECRET in done.text) == (64, False), (address, done.text)
        assert "GRAPHPOLICY_NOTIFY_URL" in done.err
    assert telling("ci", "notify", "drift.json", "--to", "pager").code == 64


def test_without_a_report_the_channel_learns_that_the_watch_is_blind(
    telling: Shell, receiver: Receiver
) -> None:
    done = telling("ci", "notify", "drift.json", "--to", "teams")
    assert done.code == 0
    assert "warning: drift.json is not a report of drift" in done.err
    assert "can't be checked" in json.dumps(receiver.bodies)


def test_the_lines_of_many_tenants_are_a_report_too(
    telling: Shell, receiver: Receiver, hub: Hub
) -> None:
    both = (plan(changed("Voice")), plan(changed("Sms"), tenant=OTHER))
    lines = "".join(f"{json.dumps({'format_version': '1', **each})}\n" for each in both)
    telling.write(lines, "drift.jsonl")
    assert telling("ci", "drift-issue", "drift.jsonl").code == 0
    assert telling("ci", "notify", "drift.jsonl", "--to", "webhook").code == 0
    assert sorted(each["title"] for each in hub.issues.values()) == sorted(
        each["title"] for body in receiver.bodies for each in body["tenants"]
    )
    assert len(hub.issues) == 2
