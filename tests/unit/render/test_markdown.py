"""The comment on a pull request, as GitHub reads it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from graphpolicy.model import Change, Failure, Finding, Origin, Plan, Tenant
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from graphpolicy.render.as_markdown import code, fence, prose
from graphpolicy.render.plan_markdown import MOST
from tests.unit.render.hostile import HOSTILE
from tests.unit.render.reports import COMMIT, DIGEST, READ, TENANT, plan, report, state, weak_plan

RUN = "https://github.com/contoso/entra/actions/runs/7"
ORIGIN = Origin(COMMIT, RUN, READ)


def markdown(*plans: Plan | Failure, verb: str = "plan", style: Style | None = None) -> str:
    return render(Report(verb, plans, origin=ORIGIN), "markdown", style or Style())


def outside_code(text: str) -> str:
    """What GitHub looks for mentions, links and markup in."""
    text = re.sub(r"(?ms)^(`{3,})diff$.*?^\1$", "", text)
    text = re.sub(r"<code>.*?</code>", "", text)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def test_first_the_marker_then_counts_then_warnings_then_the_diff_then_what_is_folded() -> None:
    text = markdown(weak_plan())
    marker, title, *_ = text.splitlines()
    assert marker.startswith("<!-- graphpolicy:plan {")
    assert title == "### graphpolicy plan for `contoso`: 2 to change, 0 errors, 1 warning"
    order = ("**warning** `inclusion-widens`", "```diff", "<details>", "group-renamed", "<sub>")
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.index("help: make sure") < text.index("```diff")


def test_the_marker_says_what_the_comment_is_about_and_no_name() -> None:
    found = re.fullmatch(r"<!-- graphpolicy:plan (.*) -->", markdown(weak_plan()).splitlines()[0])
    assert found
    assert json.loads(found[1]) == {
        "v": 1,
        "tenants": [TENANT.id],
        "digests": [DIGEST],
        "commit": COMMIT,
    }


def test_the_footer_has_digest_commit_moment_and_run() -> None:
    last = markdown(weak_plan()).splitlines()[-1]
    for words in (f"`{COMMIT[:12]}`", f"`{DIGEST}`", READ, f"[run]({RUN})"):
        assert words in last


def test_a_diff_has_both_values_and_whom_they_reach() -> None:
    assert (
        "-   state: disabled\n+   state: enabled\n      applies to everyone (all_users) (targets"
    ) in markdown(weak_plan())


def test_a_long_diff_is_folded_by_resource() -> None:
    many = tuple(state(f"Method {n // 10}", "disabled", "enabled", n + 1) for n in range(50))
    text = markdown(plan(changes=many))
    assert text.index("<details><summary><code>Method 0</code>: 10 settings") < text.index(
        "```diff"
    )
    assert text.count("```diff") == 5


def test_no_change_says_so_under_the_same_marker() -> None:
    text = markdown(plan())
    assert text.startswith("<!-- graphpolicy:plan {")
    assert "contoso`: 0 to change, 0 errors, 0 warnings" in text
    assert "No changes." in text


def test_a_tenant_that_could_not_be_planned_says_why() -> None:
    failure = Failure(TENANT, "policies/contoso.yaml", "graph-error", "Graph refused", "sign in")
    text = markdown(
        failure, plan(tenant=Tenant("fabrikam", "22222222-2222-4333-8444-555555555555"))
    )
    assert "for 2 tenants: 0 to change, 0 errors, 0 warnings; 1 could not be planned" in text
    assert "* Graph refused\n* help: sign in\n" in text


def test_files_that_are_wrong_are_told() -> None:
    wrong = Report("plan", (), findings=(Finding("bad-value", "error", "state is off"),))
    text = render(wrong, "markdown", Style())
    assert "### graphpolicy plan: nothing was planned, 1 error, 0 warnings" in text
    assert "**error** `bad-value`: state is off" in text


def test_a_place_is_a_link_where_the_repository_is_known() -> None:
    here = Style(folder="/work", repository="/work", source="../")
    address = "https://github.com/contoso/entra/blob/1a2b/"
    text = markdown(weak_plan(), style=replace(here, source=address))
    assert f"[`policies/contoso.yaml:14:7`]({address}policies/contoso.yaml#L14)" in text
    assert "](" not in markdown(weak_plan(), style=here).replace("[run](", "")


@pytest.mark.parametrize("amount", [300, 3000])
def test_too_much_is_cut_by_whole_sections_with_a_word(amount: int) -> None:
    many = tuple(state(f"Method {n // 10}", "disabled", "n" * 100, n + 1) for n in range(amount))
    loud = Finding("weak-method-enabled", "error", "Sms would be enabled for everyone")
    text = markdown(plan(changes=many, findings=(loud,)))
    assert len(text) < MOST
    assert "**This was cut**" in text
    assert "Sms would be enabled" in text
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall("(?m)^```", text)) % 2 == 0
    assert text.splitlines()[-1].startswith("<sub>")


def test_a_thousand_tenants_still_fit() -> None:
    many = [replace(weak_plan(), tenant=Tenant(f"tenant-{n}", f"{n:036}")) for n in range(1000)]
    text = markdown(*many)
    assert len(text) < MOST
    assert "for 1000 tenants: 2000 to change, 0 errors, 1000 warnings" in text


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_mentions_nobody_and_makes_no_markup(name: str) -> None:
    text = render(report(name), "markdown", Style())
    assert len(text) < MOST
    harmless = outside_code(render(report("x"), "markdown", Style()))
    left = outside_code(text)
    assert "@team" not in left
    assert re.findall(r"<\w+", left.replace("\\<", "")) == re.findall(r"<\w+", harmless)


@pytest.mark.parametrize(
    "word",
    [
        "@team",
        "see#12",
        "https://evil.example",
        "www.evil.example",
        "GH-12",
        ":warning:",
        "a@b.com",
    ],
)
def test_what_github_would_act_on_is_code(word: str) -> None:
    assert prose(f"say {word} now") == f"say `{word}` now"


def test_code_and_fences_are_closed_by_nothing_in_them() -> None:
    assert code("a``b`c") == "```a``b`c```"
    assert code("`a") == "`` `a ``"
    assert fence(["x", "````"]).startswith("`````\n")


def test_drift_says_that_the_tenant_differs() -> None:
    text = markdown(weak_plan(), verb="drift")
    assert text.startswith("<!-- graphpolicy:drift {")
    assert "The tenant differs from the files in 2 settings." in text


def test_an_empty_list_says_that_nobody_is_left() -> None:
    emptied = Change("Sms", "excludeTargets", [{}], [], "x", "none", "v1.0", None, title="Sms")
    emptied = replace(emptied, entries=(("-", "Break-glass"),))
    assert "!   excludeTargets: nobody is left in the list" in markdown(plan(changes=(emptied,)))


def test_brackets_and_stops_around_a_name_are_no_part_of_its_code() -> None:
    assert prose("Mia (mia@contoso.com): gone.") == "Mia (`mia@contoso.com`): gone."
    assert prose("see https://a.example/b, then") == "see `https://a.example/b`, then"
    assert prose("a :smile: [x](http://a.example)") == "a `:smile:` `[x](http://a.example`)"
