"""Pages as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.commands.explain import find
from graphpolicy.explain import Explained, Topic, topics
from graphpolicy.render import Style, render
from tests.unit.render.hostile import HOSTILE

FACTS = Facts.shipped()
ROOT = Path(__file__).parents[3]


def page(items: Sequence[Topic], facts: Facts, style: Style, format_: str = "text") -> str:
    return render(Explained(tuple(items), facts), format_, style)


LENGTH = """\
Length
TemporaryAccessPass.defaultLength

How many characters a pass has.

  takes       a whole number of characters, 8 to 48
  default     8
  Graph       v1.0 and beta
  clouds      global, usgov, usgov-dod: v1.0 and beta; china: beta
  to read     Policy.Read.AuthenticationMethod; a person: Global Reader
  to write    Policy.ReadWrite.AuthenticationMethod; a person: Authentication
              Policy Administrator
  page        https://learn.microsoft.com/graph/api/resources/temporaryaccesspassauthenticationmethodconfiguration

  authenticationMethodsPolicy:
    authenticationMethodConfigurations:
      TemporaryAccessPass:
        defaultLength: 8

Microsoft's defaults, limits and retirements were last checked on 2026-11-29.
"""


def test_a_setting_as_text() -> None:
    assert page(find("defaultLength"), FACTS, Style()) == LENGTH


def test_a_setting_that_microsoft_manages_says_since_when_and_as_of_when() -> None:
    text = page(find("companionAppAllowedState.state"), FACTS, Style())
    assert "  managed     on (since 2023-06-26, as of 2026-05)\n" in text


def test_a_method_as_text_lists_its_settings_and_its_end() -> None:
    text = page(find("Voice"), FACTS, Style(width=200))
    assert "retiring    Microsoft stops making the calls." in text
    assert "(global cloud, announced for 2027-02-01, as of 2026-09)" in text
    assert "setting     state: Enable\n" in text
    assert "            isOfficePhoneAllowed: Office phones\n" in text


def test_a_rule_as_text() -> None:
    text = page(find("tap-lifetime-order"), FACTS, Style())
    assert text.startswith("Pass lifetimes out of order\ntap-lifetime-order\n")
    assert (
        "  level       error\n  checks      values that must fit together\n  fix         " in text
    )
    assert "  setting     TemporaryAccessPass.minimumLifetimeInMinutes\n" in text


def test_the_list_names_everything_once() -> None:
    lines = page(topics(), FACTS, Style()).splitlines()
    assert lines[0] == "authenticationMethodsPolicy  Authentication methods policy"
    assert "  defaultLength                       Length" in lines
    assert "  dangling-target                     warning: A target that no longer exists" in lines
    assert (
        lines[-1] == "Microsoft's defaults, limits and retirements were last checked on 2026-11-29."
    )


def test_the_list_of_a_few_says_which_method_each_belongs_to() -> None:
    text = page(find("isRegistrationRequired"), FACTS, Style())
    assert "\nSms  SMS\n  includeTargets.isRegistrationRequired  Registration required\n" in text


def test_color_is_only_dress() -> None:
    for items in (topics(), find("Sms")):
        dressed = page(items, FACTS, Style(color=True))
        assert "\x1b[" in dressed
        assert re.sub(r"\x1b\[\d*m", "", dressed) == page(items, FACTS, Style())


def test_a_users_facts_can_not_steer_the_terminal() -> None:
    [row, *_] = FACTS.limits
    for bad in HOSTILE.values():
        own = replace(FACTS, limits=(replace(row, about=bad, unit=bad),))
        text = page(find(row.resource), own, Style(width=10_000))
        assert all(line.isprintable() for line in text.split("\n"))


def test_json_has_every_column() -> None:
    document = json.loads(page(find("defaultLength"), FACTS, Style(), "json"))
    [setting] = document["settings"]
    assert (document["format_version"], document["facts_as_of"]) == ("1", "2026-11-29")
    assert (document["methods"], document["rules"]) == ([], [])
    assert setting == {
        "name": "TemporaryAccessPass.defaultLength",
        "resource": "TemporaryAccessPass",
        "path": "defaultLength",
        "label": "Length",
        "about": "How many characters a pass has.",
        "type": "integer",
        "takes": "a whole number of characters, 8 to 48",
        "values": None,
        "minimum": 8,
        "maximum": 48,
        "unit": "characters",
        "default": 8,
        "managed": [],
        "limits": [],
        "retirements": [],
        "rewritings": [],
        "versions": ["v1.0", "beta"],
        "clouds": {
            "global": ["v1.0", "beta"],
            "usgov": ["v1.0", "beta"],
            "usgov-dod": ["v1.0", "beta"],
            "china": ["beta"],
        },
        "permissions": [
            {"scope": "Policy.Read.AuthenticationMethod", "role": "Global Reader"},
            {
                "scope": "Policy.ReadWrite.AuthenticationMethod",
                "role": "Authentication Policy Administrator",
            },
        ],
        "rules": [],
        "related": [],
        "example": {
            "authenticationMethodsPolicy": {
                "authenticationMethodConfigurations": {"TemporaryAccessPass": {"defaultLength": 8}}
            }
        },
        "page": "https://learn.microsoft.com/graph/api/resources/"
        "temporaryaccesspassauthenticationmethodconfiguration",
    }


def test_json_of_a_method_and_a_rule() -> None:
    [method] = json.loads(page(find("Sms"), FACTS, Style(), "json"))["methods"]
    assert method["settings"][0] == "Sms.state"
    assert method["retirements"][0]["since"] == "2027-02-01"
    [rule] = json.loads(page(find("user-target"), FACTS, Style(), "json"))["rules"]
    assert (rule["level"], rule["kind"]) == ("warning", "policy")
    assert "Sms.includeTargets" in rule["settings"]


def test_the_committed_reference_is_fresh() -> None:
    """Generate it with: graphpolicy explain --all --format markdown > policies/REFERENCE.md"""
    committed = (ROOT / "policies/REFERENCE.md").read_text(encoding="utf-8")
    assert committed == page(topics(), FACTS, Style(), "markdown")


def test_markdown_has_a_row_for_everything_and_no_broken_table() -> None:
    pages = topics()
    text = page(pages, FACTS, Style(), "markdown")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert text.count("\n## ") == len(RESOURCES) + 6
    assert "| `defaultLength`<br>**Length** | a whole number of characters, 8 to 48 | 8 |" in text
    links = set(re.findall(r"\]\(#([a-z0-9-]+)\)", text))
    assert links <= set(re.findall(r'<a id="([a-z0-9-]+)"></a>', text))
    assert "tap-lifetime-order" in links
