"""`expect` as files write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.model import Declared, Expectation, Finding, Named
from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.strict_yaml import parse

HEAD = "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555}\n"
ID = "0d1c2b3a-0000-4000-8000-000000000001"
FIDO2 = Declared("Fido2", {}, {})


def read(text: str) -> PolicyFile:
    return judge(parse(f"{HEAD}{text}".encode(), "policies/contoso.yaml"))


def expected(text: str) -> tuple[Expectation, ...]:
    file = read(text)
    assert file.findings == ()
    assert file.desired is not None
    return file.desired.expectations


WHO = {
    "all_users": "all_users",
    "{group: all_users}": "all_users",
    "{id: all_users}": "all_users",
    "{group: Staff}": Named("Staff"),
    f"{{group: Staff, id: {ID}}}": Named("Staff", ID),
    f"{{id: {ID}}}": ID,
    "{alias: staff}": Named("Staff"),
    "{alias: everyone}": "all_users",
}


@pytest.mark.parametrize("people", WHO)
def test_people_are_named_as_targets_are(people: str) -> None:
    groups = "groups: {staff: {group: Staff}, everyone: {group: all_users}}\n"
    [entry] = expected(f"{groups}expect: [{{people: {people}, canUse: [Fido2]}}]\n")
    assert entry == Expectation(WHO[people], (FIDO2,))
    assert entry.text == f"{{people: {people}, canUse: [Fido2]}}"


def test_an_entry_says_who_what_from_when_why_and_whose() -> None:
    text = (
        "{person: mia.lopez@contoso.com, canUse: [Fido2], cannotUse: [Sms], has: [Fido2], "
        "from: 2027-02-01, reason: helpdesk pilot, owner: ana@contoso.com}"
    )
    [entry] = expected(f"expect:\n  - {text}\n")
    assert entry == Expectation(
        "mia.lopez@contoso.com",
        (FIDO2,),
        (Declared("Sms", {}, {}),),
        (FIDO2,),
        person=True,
        since="2027-02-01",
        reason="helpdesk pilot",
        owner="ana@contoso.com",
    )
    assert entry.text == text
    assert str(entry.place) == "policies/contoso.yaml:4:5"


def test_an_external_method_is_named_as_the_policy_lists_it() -> None:
    methods = "{authenticationMethodConfigurations: {External: {Duo: {state: enabled}}}}"
    text = "expect: [{people: all_users, canUse: [Duo]}]\nauthenticationMethodsPolicy: " + methods
    [entry] = expected(f"{text}\n")
    assert [method.title for method in entry.can_use] == ["Duo"]
    assert [method.resource for method in entry.can_use] == ["External"]


def found(folder: Path, **files: str) -> tuple[list[Expectation], list[tuple[str, str]]]:
    """The expectations of `top.yaml`; the rule and file of every mistake."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")
    policies = load([str(folder)])

    def where(each: Finding) -> tuple[str, str]:
        return each.rule, Path(each.source.file).stem if each.source else ""

    [*desired] = policies.desired
    every = [each for one in desired for each in one.expectations]
    return every, [where(each) for each in policies.findings]


def top(entry: str) -> str:
    return f"{HEAD.partition(chr(10))[2]}extends: [base.yaml]\nexpect: [{entry}]\n"


def test_expectations_of_all_files_count_together(tmp_path: Path) -> None:
    base = "expect: [{people: {alias: staff}, canUse: [Fido2]}]\n"
    own = "{people: {group: Guests}, cannotUse: [Fido2]}"
    groups = "groups: {staff: {group: Staff}}\n"
    every, wrong = found(tmp_path, base=base, top=top(own) + groups)
    assert wrong == []
    assert [each.who for each in every] == [Named("Staff"), Named("Guests")]


def test_a_file_may_repeat_what_its_base_expects_but_not_contradict_it(tmp_path: Path) -> None:
    base = "expect: [{people: all_users, canUse: [Fido2]}]\n"
    every, wrong = found(tmp_path, base=base, top=top("{people: all_users, canUse: [Fido2]}"))
    assert wrong == []
    assert len(every) == 2
    _, wrong = found(tmp_path, base=base, top=top("{people: all_users, cannotUse: [Fido2]}"))
    assert wrong == [("expectations-contradict", "top")]
