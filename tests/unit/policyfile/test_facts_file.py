"""A user's own facts: rows that replace shipped ones, or mistakes with their places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import graphpolicy.catalogue
from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.policyfile.facts_file import read_facts

SHIPPED = Facts.shipped()
DATED = "status: complete, as_of: 2027-01, source: 'https://example.org/x'"


def said(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "facts.yaml"
    file.write_text(text, encoding="utf-8")
    read = read_facts(str(file), SHIPPED)
    assert (read.facts is None) == bool(read.findings)
    return [
        f"{f.source.line}:{f.source.column} {f.rule}: {f.message} || {f.help}"
        for f in read.findings
        if f.source
    ]


def facts(tmp_path: Path, text: str) -> Facts:
    file = tmp_path / "facts.yaml"
    file.write_text(text, encoding="utf-8")
    read = read_facts(str(file), SHIPPED)
    assert read.findings == ()
    assert read.facts is not None
    return read.facts


def test_the_shipped_file_can_be_copied_and_changed() -> None:
    file = Path(graphpolicy.catalogue.__file__).parent / "facts.json"
    assert read_facts(str(file), SHIPPED).facts == SHIPPED


def test_a_row_takes_the_place_of_what_is_shipped_about_the_same_thing(tmp_path: Path) -> None:
    own = facts(
        tmp_path,
        f"""\
as_of: '2027-01-05'
managed_values:
  - {{resource: Email, setting: allowExternalIdToUseEmailOtp, means: 'off', {DATED}}}
limits:
  - {{name: passkey-profiles, value: 10, since: 2026-12, {DATED}}}
retirements:
  - {{resource: Sms, cloud: usgov, about: Ends., instead: passkeys, since: 2028-01, {DATED}}}
rewritings:
  - {{resource: Voice, setting: state, becomes: disabled, about: Ends., since: 2028-01, {DATED}}}
gaps:
  - {{resource: QRCodePin, version: beta, cloud: usgov, {DATED}}}
""",
    )
    assert own.as_of == "2027-01-05"
    [email] = own.managed_value("Email", "allowExternalIdToUseEmailOtp").rows
    assert (email.means, email.as_of) == ("off", "2027-01")
    [limit] = own.limit("passkey-profiles").rows
    shipped = SHIPPED.limit("passkey-profiles").now
    assert shipped is not None
    assert (limit.value, limit.about, limit.unit) == (10, shipped.about, shipped.unit)
    assert [row.since for row in own.retirement("Sms", cloud="usgov").rows] == ["2028-01"]
    assert [row.since for row in own.retirement("Sms").rows] == ["2027-02-01"]
    assert [row.becomes for row in own.rewriting("Voice", "state").rows] == ["disabled"]
    assert own.rewriting("Fido2", "state") == SHIPPED.rewriting("Fido2", "state")
    assert own.lacks(RESOURCES["QRCodePin"], "beta", "usgov")
    assert not SHIPPED.lacks(RESOURCES["QRCodePin"], "beta", "usgov")
    assert own.limit("policy-size") == SHIPPED.limit("policy-size")


CORPUS = Path(__file__).parent / "corpus_facts/mistakes.txt"


@pytest.mark.parametrize("case", CORPUS.read_text(encoding="utf-8").split("\n## ")[1:])
def test_a_mistake_is_told_with_its_place_and_its_fix(tmp_path: Path, case: str) -> None:
    lines = case.strip("\n").split("\n")[1:]
    wrong = [line for line in lines if not line.startswith("=> ")]
    expected = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
    assert expected
    assert said(tmp_path, "\n".join(wrong) + "\n") == expected


def test_a_file_that_is_not_there_or_not_yaml(tmp_path: Path) -> None:
    [missing] = read_facts(str(tmp_path / "none.yaml"), SHIPPED).findings
    assert missing.rule == "unreadable-file"
    assert said(tmp_path, "limits: [") != []


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
COLUMNS = (
    *("resource", "setting", "name", "value", "status", "as_of", "since", "cloud", "source"),
    *("becomes", "unless"),
)
ROWS = st.dictionaries(st.sampled_from(COLUMNS), SCALARS | st.sampled_from(("Sms", "2027-01")))
TABLES = st.dictionaries(
    st.sampled_from(
        ("as_of", "managed_values", "limits", "retirements", "rewritings", "gaps", "other")
    ),
    SCALARS | st.lists(ROWS | SCALARS, max_size=4),
)


@given(st.binary() | TABLES.map(lambda data: json.dumps(data).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_is_too_strange(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "facts.yaml"
    file.write_bytes(raw)
    read = read_facts(str(file), SHIPPED)
    assert (read.facts is None) == bool(read.findings)
    assert all(found.source and found.help for found in read.findings)
