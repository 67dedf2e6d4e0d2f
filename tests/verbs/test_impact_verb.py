"""`impact`: who a plan or a day affects, the work list, and the trend."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from datetime import UTC, datetime, timedelta
from typing import Any

from graphpolicy.mock import Mock
from tests.shell import Done, Shell, policy

NOOR, MIA, HUGO = "noor.haddad@contoso.com", "mia.lopez@contoso.com", "helpdesk@contoso.com"
OFF = "Sms: {state: disabled}\nVoice: {state: disabled}\n"
OTHER = "TemporaryAccessPass: {isUsableOnce: true}\n"
SOON = (datetime.now(UTC) + timedelta(30)).strftime("%Y-%m-%d")


def facts(day: str) -> str:
    """A user's own facts: SMS and voice end in the global cloud on a day."""
    rows = "".join(
        f"  - {{resource: {method}, cloud: global, about: It ends., instead: passkeys, "
        f'since: "{day}", status: announced, as_of: "2026-09", source: "https://example.org"}}\n'
        for method in ("Sms", "Voice")
    )
    return f"retirements:\n{rows}"


def plan_of(done: Done) -> dict[str, Any]:
    [plan] = json.loads(done.out)["plans"]
    return dict(plan)


def numbers(impact: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in impact.items()
        if name not in ("per_change", "as_of", "groups")
    }


def test_a_day_is_judged_like_the_plan_that_does_the_same(shell: Shell) -> None:
    shell.write(facts("2099-02-01"), "facts.yaml")
    shell.write(policy(OFF))
    planned = plan_of(shell("plan", "--impact", "--format", "json"))["impact"]
    alone = plan_of(shell("impact", "--format", "json"))["impact"]
    assert alone == planned
    shell.write(policy(OTHER))
    day = ("impact", "--on", "2099-02-01", "--facts", "facts.yaml", "--format", "json")
    dated = shell(*day)
    assert dated.code == 0
    found = plan_of(dated)
    assert numbers(found["impact"]) == numbers(planned)
    assert (found["policy_scope"], found["registered"], found["earlier"]) == (12, 3, None)
    assert [fact["resource"] for fact in found["facts"]] == ["Sms", "Voice"]
    again = plan_of(shell(*day))["earlier"]
    assert (again["registered"], again["without_mfa"]) == (3, 1)
    before = plan_of(shell("impact", "--on", "2099-01-31", *day[3:]))
    assert (before["facts"], before["impact"]) == ([], None)


def test_a_cloud_without_the_fact_has_nothing_to_tell(shell: Shell, mock: Mock) -> None:
    shell.write(policy(OTHER).replace("tenant: {", "tenant: {cloud: usgov, "))
    shell.write(facts("2099-02-01"), "facts.yaml")
    told = shell("impact", "--on", "2099-02-01", "--facts", "facts.yaml", "--format", "json")
    assert told.code == 0
    found = plan_of(told)
    assert (found["facts"], found["impact"], found["policy_scope"]) == ([], None, None)
    assert not any("userRegistrationDetails" in each.path for each in mock.requests)


def test_the_work_list_names_people_and_nothing_else_does(shell: Shell, mock: Mock) -> None:
    mock.add_person("=cmd()@contoso.com", "Formula", methods=["mobilePhone"])
    shell.write(policy(OFF))
    wide = shell.folder / "work.csv"
    wide.write_text("old", encoding="utf-8")
    wide.chmod(0o644)
    outputs = ("all.json", "all.md", "all.html", "all.txt")
    done = shell("impact", "--csv", "work.csv", *(word for o in outputs for word in ("-o", o)))
    assert done.code == 0
    assert stat.S_IMODE(wide.stat().st_mode) == 0o600
    head, *rows = csv.reader(io.StringIO(wide.read_text(encoding="utf-8")))
    place = {name: number for number, name in enumerate(head)}
    people = {row[place["person"]]: row for row in rows}
    assert [row[place["person"]] for row in rows] == [HUGO, "'=cmd()@contoso.com", NOOR, MIA]
    assert people[NOOR][place["reason"]] == "left with nothing"
    assert people[NOOR][place["loses"]] == "SMS; Voice call"
    assert people[NOOR][place["first"]].startswith("register Passkey (FIDO2)")
    assert people[HUGO][place["administrator"]] == "yes"
    everything = done.text + "".join(
        (shell.folder / name).read_text(encoding="utf-8") for name in outputs
    )
    assert not [name for name in (NOOR, MIA, HUGO, "cmd()") if name in everything]
    passed_on = shell("impact", "--names", "--format", "markdown", "-o", "n.html", "-o", "n.md")
    pages = [(shell.folder / name).read_text(encoding="utf-8") for name in ("n.html", "n.md")]
    assert passed_on.code == 0
    assert not [
        name for name in (NOOR, MIA, HUGO, "cmd()") if name in "".join((passed_on.text, *pages))
    ]
    assert shell("impact", "--csv", "-").code == 64
    named = shell("impact", "--names", "--format", "json")
    assert [each["person"] for each in plan_of(named)["people"]][-2:] == [NOOR, MIA]
    assert NOOR in shell("impact", "--names").out


def test_who_is_in_no_report_is_in_the_work_list(shell: Shell, mock: Mock) -> None:
    mock.set_switches(report_gap=3)
    shell.write(policy(OFF))
    done = shell("impact", "--csv", "work.csv", "--format", "json")
    assert done.code == 0, done.text
    text = (shell.folder / "work.csv").read_text(encoding="utf-8")
    reasons = [row["reason"] for row in csv.DictReader(io.StringIO(text))]
    counted = plan_of(done)["impact"]["not_known"]
    assert reasons.count("not known") == counted > 0


def test_without_the_report_there_is_no_number(shell: Shell, mock: Mock) -> None:
    shell.write(policy(OFF))
    mock.set_switches(report_license="refused_403")
    shell.write("from yesterday", "work.csv")
    done = shell("impact", "--format", "json", "--csv", "work.csv")
    assert done.code == 4
    assert (shell.folder / "work.csv").read_text(encoding="utf-8") == "from yesterday"
    assert "impact" not in plan_of(done)
    assert "error" in plan_of(done)


def test_the_nightly_report_counts_the_next_day_that_is_near(shell: Shell) -> None:
    shell.write(policy(OTHER))
    shell.write(facts(SOON), "facts.yaml")
    asked = ("drift", "--impact", "--facts", "facts.yaml", "--format", "json")
    dated = plan_of(shell(*asked))["dated"]
    assert (dated["on"], dated["registered"], dated["impact"]["without_mfa"]) == (SOON, 3, 1)
    assert plan_of(shell(*asked))["dated"]["earlier"]["registered"] == 3
    shell.write(facts("2099-02-01"), "facts.yaml")
    assert "dated" not in plan_of(shell(*asked))


def test_a_count_that_cannot_be_recorded_is_shown(shell: Shell) -> None:
    """In /proc no folder can be created, and the system says that it does not exist."""
    shell.write(facts("2099-02-01"), "facts.yaml")
    shell.write(policy(OFF))
    day = ("impact", "--on", "2099-02-01", "--facts", "facts.yaml", "--format", "json")
    for folder in ("facts.yaml/state", "/proc/state"):
        done = shell(*day, "--state-dir", folder)
        assert (done.code, "not recorded" in done.err) == (0, True), done.text
        assert plan_of(done)["registered"] == 3


def test_a_day_that_is_over_is_a_mistake(shell: Shell) -> None:
    shell.write(policy(OFF))
    assert shell("impact", "--on", "2020-01-01").code == 64


def test_lists_about_people_do_not_outlive_their_time(shell: Shell) -> None:
    """Any plan deletes expired lists, even if it reads no people."""
    shell.write(policy(OTHER))
    assert shell("plan", "--impact", "--cache-for", "1h").code == 0
    kept = sorted(shell.folder.joinpath("state").rglob("*.pages"))
    assert kept
    assert shell("plan").code == 0
    assert all(path.exists() for path in kept)
    old, *others = kept
    old.write_bytes(re.sub(rb'"until":"\d{4}', b'"until":"2001', old.read_bytes()))
    assert shell("plan").code == 0
    assert not old.exists()
    assert others
    assert all(path.exists() for path in others)
