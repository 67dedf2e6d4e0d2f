"""The first policy of a tenant."""

from __future__ import annotations

from hypothesis import given, strategies as st

from graphpolicy.compare.resolve import group_names
from graphpolicy.model import Cloud, Tenant
from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.placeholders import PLACEHOLDERS, RULE
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.starter.answers import ACCEPTED, Answers, is_account
from graphpolicy.starter.baseline import baseline, with_emergency

CONTOSO = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
ANSWERED = Answers(
    CONTOSO, "contoso/policy", pilot="P", assisted="A", emergency=("bg@contoso.com",)
)


def judged(text: str) -> PolicyFile:
    return judge(parse(text.encode(), "policies/contoso.yaml"))


def test_it_validates_and_has_nothing_to_fill_in_where_all_was_answered() -> None:
    file = judged(baseline(ANSWERED))
    assert file.findings == ()
    assert file.desired is not None
    assert file.desired.tenant == CONTOSO
    assert group_names(file.desired.mentioned) == {"P", "A"}
    assert file.desired.emergency_access == [{"user": "bg@contoso.com"}]


def test_every_placeholder_is_a_warning_at_its_place_that_says_what_belongs_there() -> None:
    file = judged(baseline(Answers()))
    assert {(found.rule, found.level) for found in file.findings} == {(RULE, "warning")}
    assert {found.message.split()[0] for found in file.findings} == set(PLACEHOLDERS)
    assert all(found.source and found.source.line > 1 for found in file.findings)
    assert file.desired is not None


NAMES = st.text(min_size=1, max_size=40).filter(ACCEPTED["pilot-group"][0])


@given(NAMES, NAMES, NAMES.filter(lambda name: name.casefold() != "all_users"))
def test_any_name_that_is_accepted_is_the_name_that_the_file_has(
    pilot: str, assisted: str, emergency: str
) -> None:
    answers = Answers(CONTOSO, pilot=pilot, assisted=assisted, emergency=(emergency,))
    file = judged(baseline(answers))
    assert file.desired is not None, file.findings
    named = {pilot, assisted} - {"all_users"}
    assert group_names(file.desired.mentioned) == named
    kind = "user" if is_account(emergency) else "group"
    assert file.desired.emergency_access == [{kind: emergency}]


def test_another_cloud_is_said() -> None:
    cloud: Cloud = "usgov"
    file = judged(baseline(Answers(Tenant("contoso", CONTOSO.id, cloud))))
    assert file.tenant == Tenant("contoso", CONTOSO.id, "usgov")


def test_the_accounts_of_emergency_access_join_a_pulled_file() -> None:
    pulled = "version: 1\ntenant:\n  id: 11111111-2222-4333-8444-555555555555\n"
    pulled += "authenticationMethodsPolicy:\n  authenticationMethodConfigurations: {}\n"
    file = judged(with_emergency(pulled, ANSWERED))
    assert file.desired is not None
    assert file.desired.emergency_access == [{"user": "bg@contoso.com"}]
