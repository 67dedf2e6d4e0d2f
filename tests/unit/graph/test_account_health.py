"""Whether the accounts of `emergencyAccess` could sign in, read from a tenant and judged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import httpx

from graphpolicy.commands.plan import plan_tenant
from graphpolicy.graph.account_health import examine_accounts
from graphpolicy.graph.emergency_accounts import look_up_accounts
from graphpolicy.graph.session import Session
from graphpolicy.guards.emergency_access import unknown_accounts
from graphpolicy.mock import Mock
from graphpolicy.model import Acknowledgement, Desired, Finding, Plan, Scope
from graphpolicy.plan.emergency_findings import emergency_findings
from graphpolicy.plan.emergency_health import judged
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import watched
from tests.laws.situations import OCCASION
from tests.unit.graph.network import CONTOSO, Clock, Network

GLASS, OTHERS = (f"0d1c2b3a-0000-4000-8000-00000000000{digit}" for digit in "2e")
ONE, TWO = (f"0e5e0000-0000-4000-8000-00000000000{digit}" for digit in "67")
GROUP = ({"group": "Break-glass accounts"},)
USERS = ({"user": "bg-01@contoso.com"}, {"user": "bg-02@contoso.com"})
UNHEALTHY, MISSING, UNVERIFIED, CHECKED = (
    "emergency-unhealthy",
    "emergency-account-not-found",
    "emergency-account-not-verified",
    "emergency-checked",
)
RULES = (UNHEALTHY, MISSING, UNVERIFIED)
EXAMINED = replace(OCCASION, examine=True)
ROOT = "http://127.0.0.1:1/"


class Tenants:
    """Simulates the network for one session: the mock of each plan answers."""

    def __init__(self, clock: Clock) -> None:
        self.mock = Mock()
        self.token = ""
        self.network = Network(self.answer, clock)

    def answer(self, request: httpx.Request) -> httpx.Response:
        found = self.mock.ask(
            request.method,
            request.url.raw_path.decode(),
            request.content.decode(),
            token=self.token or None,
            headers={
                name: text for name, text in request.headers.items() if name != "authorization"
            },
        )
        body = "" if found.body is None else json.dumps(found.body)
        headers = {"content-type": "application/json", **found.headers}
        # The mock's own root stands in links to further pages.
        return httpx.Response(
            found.status,
            headers=headers,
            content=re.sub(r"https?://[^/]+/(?=v1.0/|beta/)", ROOT, body),
        )

    def plans(self, questions: Iterable[Question]) -> list[Plan]:
        async def every(session: Session) -> list[Plan]:
            made = []
            for each in questions:
                self.mock, self.token = each.mock, each.token
                graph = session.tenant(CONTOSO)
                planned = await plan_tenant(graph, each.policy, each.plan_context)
                assert isinstance(planned, Planned), planned
                made.append(planned.plan)
            return made

        plans: list[Plan] = self.network.run_in(every)
        return plans

    def findings(self, questions: Iterable[Question]) -> list[list[Finding]]:
        """What `doctor` says about the accounts, without a plan."""

        async def every(session: Session) -> list[list[Finding]]:
            said = []
            for each in questions:
                self.mock, graph, policy = each.mock, session.tenant(CONTOSO), each.policy
                accounts = await look_up_accounts(graph, policy.emergency_access)
                read = await examine_accounts(graph, accounts, {"beta": each.mock.policy("beta")})
                known = [each.account for each in read.entries]
                named = unknown_accounts(known, {}, changes=False, taking=False)
                said.append([*named, *emergency_findings(judged(read, {}))])
            return said

        found: list[list[Finding]] = self.network.run_in(every)
        return found


@dataclass(frozen=True)
class Question:
    """A drift of a tenant whose file has these entries, or a plan."""

    mock: Mock
    entries: Any = GROUP
    token: str = ""
    plan_context: PlanContext = EXAMINED
    accepting: tuple[Acknowledgement, ...] = ()

    @property
    def policy(self) -> Desired:
        listed = list(self.entries) if isinstance(self.entries, tuple) else self.entries
        return Desired(
            "contoso.yaml",
            CONTOSO,
            (),
            emergency_access=listed,
            acknowledgements=self.accepting,
        )


def healthy() -> Mock:
    """A tenant with two emergency accounts that have a key each."""
    mock = Mock()
    mock.tenant().registered.register("bg-02@contoso.com", "fido2Bio")
    return mock


def change(mock: Mock, name: str, **properties: Any) -> None:
    """Change an emergency account, by the end of its name."""
    identifier = {"bg-01": ONE, "bg-02": TWO}[name]
    mock.add_person(f"{name}@contoso.com", name, identifier=identifier, **properties)


def examined(clock: Clock, *questions: Question) -> list[Plan]:
    return Tenants(clock).plans(questions)


def found(plan: Plan, *rules: str) -> list[Finding]:
    return [each for each in plan.findings if each.rule in (rules or RULES)]


def wrong(plan: Plan) -> list[tuple[str, str]]:
    return [(each.rule, each.level) for each in found(plan, UNHEALTHY, MISSING)]


def test_healthy_accounts_are_described_and_nothing_is_wrong_with_them(clock: Clock) -> None:
    mock = healthy()
    signed_in = {"lastSignInDateTime": "2026-11-03T04:00:00Z"}
    change(mock, "bg-01", signInActivity=signed_in)
    (plan,) = examined(clock, Question(mock, (*GROUP, USERS[0])))
    assert found(plan) == []
    group, user = (each.message for each in found(plan, CHECKED))
    assert group == (
        "group 'Break-glass accounts' of emergencyAccess: 2 accounts, 2 enabled, 2 cloud-only, "
        "passkey (FIDO2) 'YubiKey 5 NFC' (2fc0579f-8113-47ea-b116-555a8db9202a), passkey (FIDO2) "
        "'YubiKey Bio' (d8522d9f-575b-4866-88a9-ba99fa02f35b), last sign-in on 2026-11-03"
    )
    assert user == (
        "user 'bg-01@contoso.com' of emergencyAccess: enabled, cloud-only, passkey (FIDO2) "
        "'YubiKey 5 NFC' (2fc0579f-8113-47ea-b116-555a8db9202a), last sign-in on 2026-11-03"
    )
    (both, one) = plan.emergency
    assert (both.accounts, both.enabled, both.cloud_only, both.guests, both.able) == (2, 2, 2, 0, 2)
    assert (one.entry, one.last_sign_in) == ("user 'bg-01@contoso.com'", "2026-11-03")


Event: TypeAlias = Callable[[Mock], None]


def several(*events: Event) -> Event:
    def happen(mock: Mock) -> None:
        for each in events:
            each(mock)

    return happen


def lost(name: str, other: str = "") -> Event:
    """Everything that an account has registered is deleted, and something else registered."""

    def happen(mock: Mock) -> None:
        mock.tenant().registered.forget(f"{name}@contoso.com")
        if other:
            mock.tenant().registered.register(f"{name}@contoso.com", other)

    return happen


def disabled(name: str) -> Event:
    return lambda mock: change(mock, name, accountEnabled=False)


@dataclass(frozen=True)
class Case:
    """A change of a healthy tenant, and the findings after it: rules, levels, words."""

    what: Event
    wrong: tuple[tuple[str, str], ...]
    says: str
    entries: Any = GROUP


def _dynamic(mock: Mock) -> None:
    mock.add_group(GLASS, "Break-glass accounts", groupTypes=["DynamicMembership"])


CASES = {
    "a key is deleted": Case(
        lost("bg-02"),
        ((UNHEALTHY, "warning"),),
        "1 of 2 accounts in group 'Break-glass accounts' of emergencyAccess holds no method",
    ),
    "a password and a pass are no method, nor is an email address": Case(
        lost("bg-02", "email"),
        ((UNHEALTHY, "warning"),),
        "user 'bg-02@contoso.com' of emergencyAccess holds no method",
        USERS,
    ),
    "what is left is not accepted": Case(
        lost("bg-02", "hardwareOath"),
        ((UNHEALTHY, "warning"),),
        "registered there: hardware OATH token (HardwareOath is off)",
    ),
    "the policy refuses their model": Case(
        lambda mock: mock.portal("Fido2", {"state": "disabled"}),
        ((UNHEALTHY, "warning"), (UNHEALTHY, "error")),
        "nobody could sign in with emergency access: emergencyAccess stands for 2 accounts, "
        "2 without a method",
    ),
    "an account is disabled": Case(
        disabled("bg-01"),
        ((UNHEALTHY, "warning"),),
        "user 'bg-01@contoso.com' of emergencyAccess is disabled",
        USERS,
    ),
    "both are disabled": Case(
        several(disabled("bg-01"), disabled("bg-02")),
        ((UNHEALTHY, "warning"), (UNHEALTHY, "error")),
        "emergencyAccess stands for 2 accounts, 2 disabled",
    ),
    "one is disabled, the other has no key": Case(
        several(disabled("bg-01"), lost("bg-02")),
        ((UNHEALTHY, "warning"), (UNHEALTHY, "warning"), (UNHEALTHY, "error")),
        "1 disabled, 1 without a method",
    ),
    "an account is a guest": Case(
        lambda mock: change(mock, "bg-01", userType="Guest"),
        ((UNHEALTHY, "warning"),),
        "is a guest",
    ),
    "an account is synchronised": Case(
        lambda mock: change(mock, "bg-01", onPremisesSyncEnabled=True),
        ((UNHEALTHY, "warning"),),
        "is synchronised from another directory",
    ),
    "the group is dynamic": Case(_dynamic, ((UNHEALTHY, "warning"),), "is a dynamic group"),
    "the group is synchronised": Case(
        lambda mock: mock.add_group(GLASS, "Break-glass accounts", onPremisesSyncEnabled=True),
        ((UNHEALTHY, "warning"),),
        "is synchronised from another directory",
    ),
    "the group is emptied": Case(
        lambda mock: mock.leave(GLASS, ONE, TWO),
        ((MISSING, "warning"), (UNHEALTHY, "error")),
        "emergencyAccess stands for no accounts",
    ),
    "a group is emptied, and an account is left": Case(
        lambda mock: mock.leave(GLASS, ONE, TWO),
        ((MISSING, "warning"), (UNHEALTHY, "warning")),
        "emergencyAccess stands for one account",
        (*GROUP, USERS[0]),
    ),
    "there is only one": Case(
        lambda mock: mock.leave(GLASS, TWO),
        ((UNHEALTHY, "warning"),),
        "emergencyAccess stands for one account",
        (*GROUP, USERS[0]),
    ),
    "it is gone": Case(
        lambda mock: mock.tenant().directory.remove(TWO),
        ((MISSING, "warning"), (UNHEALTHY, "warning")),
        "user 'bg-02@contoso.com' of emergencyAccess is not in the directory",
        USERS,
    ),
    "a crowd is named": Case(
        lambda mock: mock.add_crowd(20_000, {OTHERS: 1}),
        ((UNHEALTHY, "error"),),
        "group 'Testers' of emergencyAccess has more than 200 people: it must be a mistake",
        ({"group": "Testers"}, *USERS),
    ),
    "the policy says that there are none": Case(
        lambda mock: None, (), "", {"none": "a tenant of the tests"}
    ),
}


def test_what_is_wrong_is_said_with_the_entry_as_it_is_written(clock: Clock) -> None:
    mocks = {name: healthy() for name in CASES}
    for name, case in CASES.items():
        case.what(mocks[name])
    asked = [Question(mocks[name], case.entries) for name, case in CASES.items()]
    failed = {}
    for (name, case), findings in zip(CASES.items(), Tenants(clock).findings(asked), strict=True):
        said = " | ".join(each.message for each in findings if each.rule in RULES)
        quiet = "bg-0" not in said if case.entries is GROUP else True
        bad = sorted((each.rule, each.level) for each in findings if each.rule in RULES[:2])
        if bad != sorted(case.wrong) or case.says not in said or not quiet:
            failed[name] = (bad, said)
    assert failed == {}


def test_a_crowd_is_not_read(clock: Clock) -> None:
    mock = healthy()
    mock.add_crowd(20_000, {OTHERS: 1})
    mock.clear_requests()
    examined(clock, Question(mock, ({"group": "Testers"},)))
    pages = [each for each in mock.requests if f"{OTHERS}/transitiveMembers" in each.path]
    assert len(pages) == 1
    assert not any("authentication/methods" in each.path for each in mock.requests)


def test_names_of_a_groups_people_are_given_only_on_demand(clock: Clock) -> None:
    mock = healthy()
    change(mock, "bg-01", accountEnabled=False)
    asked = Question(mock, plan_context=replace(EXAMINED, names=True)), Question(mock)
    (named,), (quiet,) = map(found, examined(clock, *asked))
    assert named.names == ("bg-01@contoso.com",)
    assert (quiet.names, quiet.people) == ((), 1)


UNREADABLE = {
    "the accounts": (
        ("UserAuthenticationMethod.Read.All", "GroupMember.Read.All", "AuditLog.Read.All"),
        USERS,
    ),
    "what they hold": (("User.Read.All", "GroupMember.Read.All", "AuditLog.Read.All"), GROUP),
    "the group": (("User.Read.All", "UserAuthenticationMethod.Read.All"), GROUP),
}


def test_what_may_not_be_read_is_neither_well_nor_ill(clock: Clock) -> None:
    questions = []
    for permissions, entries in UNREADABLE.values():
        mock = healthy()
        token = mock.issue_token(["Policy.Read.AuthenticationMethod", *permissions])
        questions.append(Question(mock, entries, token))
    failed = {}
    for name, plan in zip(UNREADABLE, examined(clock, *questions), strict=True):
        unverified = found(plan, UNVERIFIED)
        # Accounts that can't be checked open the drift issue; optional reads that fail do not.
        level = "note" if name == "what they hold" else "warning"
        assert {each.level for each in unverified if watched(each.rule)} == {level}, name
        if wrong(plan) or not unverified or any(ONE in each.message for each in unverified):
            failed[name] = [each.message for each in found(plan)]
    assert failed == {}


def test_without_a_licence_only_the_last_sign_in_is_not_known(clock: Clock) -> None:
    mock = healthy()
    mock.set_switches(report_license="refused_403")
    (plan,) = examined(clock, Question(mock))
    assert wrong(plan) == []
    (said,) = found(plan, UNVERIFIED)
    assert "when it last signed in" in said.message
    assert "premium license" in said.message
    (health,) = plan.emergency
    assert (health.able, health.last_sign_in) == (2, None)


def test_an_outage_of_people_does_not_make_the_watch_blind(clock: Clock) -> None:
    mock = healthy()
    mock.add_fault("status", path_contains="/authentication/methods", status=500, times=None)
    (plan,) = examined(clock, Question(mock))
    assert (wrong(plan), len(found(plan, UNVERIFIED))) == ([], 1)


def test_a_certificate_that_nobody_lists_is_no_proof_that_nobody_gets_in(clock: Clock) -> None:
    mock = healthy()
    mock.portal("X509Certificate", {"state": "enabled"})
    mock.portal("Fido2", {"state": "disabled"})
    (plan,) = examined(clock, Question(mock))
    assert wrong(plan) == [(UNHEALTHY, "warning")]
    assert "it may have a certificate" in found(plan)[0].message


def _accepted() -> Acknowledgement:
    return Acknowledgement(UNHEALTHY, Scope("", (), "Small tenant", "a@b.c", "2099-12-31"), None)


def test_a_warning_can_be_accepted_and_that_nobody_gets_in_can_not(clock: Clock) -> None:
    mock, dead = healthy(), healthy()
    dead.tenant().registered.forget("bg-01@contoso.com")
    questions = (Question(each, USERS[:1], accepting=(_accepted(),)) for each in (mock, dead))
    alone, useless = examined(clock, *questions)
    assert [(each.level, bool(each.acknowledged)) for each in found(alone)] == [("warning", True)]
    assert [(each.level, bool(each.acknowledged)) for each in found(useless)] == [
        ("error", False),
        ("warning", True),
    ]


def test_a_plan_neither_examines_the_accounts_nor_misses_what_accepts_them(clock: Clock) -> None:
    mock = healthy()
    mock.tenant().registered.forget("bg-01@contoso.com")
    asked = Question(mock, USERS, plan_context=OCCASION, accepting=(_accepted(),))
    plan, drift = examined(clock, asked, replace(asked, plan_context=EXAMINED))
    assert (plan.findings, plan.emergency) == ((), ())
    assert drift.digest == plan.digest
    assert [each.acknowledged != "" for each in found(drift)] == [True]
