"""The table of rules and the code agree: no id without a row, and no unused row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import groupby

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.settings import settings
from graphpolicy.commands.defaults import FORBIDDEN, KEYS
from graphpolicy.policyfile.placeholders import TENANT_ID
from graphpolicy.rules.table import RULES
from tests.source import PACKAGE, parsed

CORE = (
    *("compare", "rules", "guards", "helpdesk", "plan"),
    *("journal/recovery.py", "render/as_findings.py", "announce/__init__.py"),
)
ROOMS = (*CORE, "policyfile", "commands")
"""Where findings are made."""
FAILURES = {
    "graph-error",
    "not-approved",
    "unforeseen-answer",
    "plan-stale",
    "rollback-moved",
    "run-locked",
    "run-not-kept",
    "snapshot-incomplete",
    "snapshot-missing",
}
"""Codes of tenants that could not be planned or carried out."""
GIT = {
    "ls-files",
    "ls-tree",
    "checkout-index",
    "rev-parse",
    "read-tree",
    "graphpolicy-base",
    "git-index",
    "get-url",
}
NO_RULES = {
    "no-report",
    *GIT,
    TENANT_ID,
    "device-code",
    "report-only",
    "usgov-dod",
    "double-quoted",
    "utf-8",
    "utf-8-sig",
    "cloud-only",
    *KEYS,
    *FORBIDDEN,
    *FAILURES,
}
"""Words with a hyphen in these rooms that are none."""
LIMITS = {"passkey-profiles", "system-preferred-groups"}
"""Names of facts that are no rules."""
SHAPE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def trees() -> Iterator[ast.Module]:
    for room in ROOMS:
        at = PACKAGE / room
        for path in [at] if at.suffix else sorted(at.rglob("*.py")):
            yield parsed(path)


def words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def first_arguments(tree: ast.AST) -> Iterator[str]:
    """The ids that stand in the call that makes the finding."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            if name in ("note", "report") or getattr(name, "id", "") in ("Finding", "Trap"):
                yield str(node.args[0].value)


def test_every_rule_that_can_fire_has_a_row_and_every_row_can_fire() -> None:
    used = {word for tree in trees() for word in words(tree) if SHAPE.fullmatch(word)}
    used |= {id_ for tree in trees() for id_ in first_arguments(tree)}
    columns = (name for row in RESOURCES.values() for name in (row.ambiguous, row.read_only))
    used |= set(filter(None, columns))
    assert used - NO_RULES - LIMITS == set(RULES)


def test_rows_of_one_kind_are_together() -> None:
    """The reference has one table for each kind, in the order of the rows."""
    kinds = [kind for kind, _ in groupby(rule.kind for rule in RULES.values())]
    assert sorted(kinds) == sorted(set(kinds))


def test_every_row_says_why_it_matters_and_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.title, rule.id
        assert not rule.title.endswith("."), rule.id
        assert rule.about.endswith("."), rule.id
        assert rule.fix.endswith("."), rule.id
        assert rule.source == "" or rule.source.startswith("https://learn.microsoft.com/"), rule.id


def test_every_row_of_a_plan_says_whether_it_is_about_a_change_or_a_state() -> None:
    for rule in RULES.values():
        assert bool(rule.concerns) == (rule.kind in ("policy", "plan", "guard")), rule.id


def test_what_a_rule_judges_is_in_the_catalogue() -> None:
    names = {setting.name for setting in settings()}
    bare = {name.rpartition(".")[2] for name in names}
    for rule in RULES.values():
        assert set(rule.settings) <= names | bare, rule.id


def test_which_rules_judge_a_setting() -> None:
    order = RULES["tap-lifetime-order"]
    assert order.judges("TemporaryAccessPass.maximumLifetimeInMinutes")
    assert not order.judges("TemporaryAccessPass.defaultLength")
    assert RULES["dangling-target"].judges("Sms.excludeTargets")
