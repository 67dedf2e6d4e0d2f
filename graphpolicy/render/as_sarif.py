"""Findings as SARIF 2.1.0, which GitHub's code scanning and other viewers read.

Braces in a message are not doubled. The standard asks for that (3.11.5), but GitHub and the other
writers it reads take them literally.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable

from graphpolicy import __version__
from graphpolicy.disk.json_text import encoded
from graphpolicy.model import Failure, Finding, Json, Place
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style
from graphpolicy.render.as_findings import VerbFindings, as_findings
from graphpolicy.render.findings import said
from graphpolicy.render.impact_json import numbers_json
from graphpolicy.rules.table import RULES, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: VerbFindings, style: Style) -> str:
    """One run with everything that a result says, each at a line of a file."""
    items = as_findings(result)
    rules = sorted({item.rule for item in items})
    run = {
        "tool": {
            "driver": {
                "name": "graphpolicy",
                "semanticVersion": __version__,
                "rules": [_rule(RULES[id_]) for id_ in rules],
            }
        },
        # Its own category, so that no other upload of this tool replaces it.
        "automationDetails": {"id": f"graphpolicy/{result.verb}/"},
        "columnKind": "unicodeCodePoints",
        "results": [
            {"ruleIndex": rules.index(item.rule), **_result(item, style), **fingerprint}
            for item, fingerprint in zip(items, _fingerprints(items, style), strict=True)
        ],
        **_impact(result),
    }
    return encoded({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _impact(result: VerbFindings) -> dict[str, Json]:
    """The numbers of people by the tenant's id; a number is null if it was not counted."""
    plans = result.plans if isinstance(result, Report) else ()
    made = (each.plan if isinstance(each, Failure) else each for each in plans)
    found = {plan.tenant.id: plan.impact for plan in made if plan and plan.impact is not None}
    numbers = {tenant: numbers_json(impact) for tenant, impact in found.items()}
    return {"properties": {"impact": numbers}} if numbers else {}


def _rule(rule: Rule) -> Json:
    page = f"\n\n[Microsoft's page]({rule.source})" if rule.source else ""
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.about},
        "help": {
            "text": f"{rule.about}\n\n{rule.fix}",
            "markdown": f"{rule.about}\n\n{rule.fix}{page}",
        },
        **({"helpUri": rule.source} if rule.source else {}),
        "defaultConfiguration": {"level": "warning" if rule.level == "off" else rule.level},
        "properties": {"tags": [rule.kind]},
    }


def _result(finding: Finding, style: Style) -> dict[str, Json]:
    # "](" would turn text from a file into a link.
    text = "\n".join(said(finding)).replace("](", "] (")
    place = finding.source
    accepted = {"kind": "inSource", "justification": finding.acknowledged}
    return {
        "ruleId": finding.rule,
        "level": finding.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(place, style)}] if place else [],
        **({"suppressions": [accepted]} if finding.acknowledged else {}),
    }


def _location(place: Place, style: Style) -> Json:
    where = style.uri(place.file)
    base = {} if where.startswith("file:") else {"uriBaseId": "%SRCROOT%"}
    # GitHub requires a line even if there is none ("SARIF support": region.startLine).
    region = {"startLine": place.line, "startColumn": place.column}
    return {
        "artifactLocation": {"uri": where, **base},
        "region": region if place.line else {"startLine": 1},
    }


def _fingerprints(items: Iterable[Finding], style: Style) -> Iterable[dict[str, Json]]:
    """What identifies a finding after lines have moved: all of it except lines and columns.

    GitHub matches findings by this one name. Findings that are otherwise the same are numbered.
    """
    seen: Counter[str] = Counter()
    for item in items:
        file = style.uri(item.source.file) if item.source else ""
        message = re.sub(r"\bline \d+|:\d+:\d+", "", item.message)
        parts = json.dumps([item.rule, file, item.resource, item.path, message])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:16]
        seen[digest] += 1
        yield {"partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[digest]}"}}
