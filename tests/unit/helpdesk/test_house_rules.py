"""House rules: who gets no help, and what a reason must say."""

from __future__ import annotations

from typing import Any

from graphpolicy.helpdesk.house_rules import (
    HouseRules,
    RefusedGroup,
    own_refusals,
    person_refusals,
    reason_refusals,
)
from graphpolicy.helpdesk.person import Memberships, Person

MIA = Person("0e5e0000-0000-4000-8000-000000000008", "Mia.Lopez@contoso.com", "Mia Lopez")
GROUP = "0d1c2b3a-0000-4000-8000-000000000001"


def house(emergency: tuple[dict[str, str], ...] = (), **rules: Any) -> HouseRules:
    return HouseRules(rules, emergency)


def rules_broken(house: HouseRules, reason: str) -> list[str]:
    return [finding.rule for finding in reason_refusals(house, reason)]


def test_without_rules_nothing_is_asked() -> None:
    assert not rules_broken(house(), "")
    assert not house().asks_belonging
    assert not list(person_refusals(house(), (), MIA, Memberships(roles=("Global Reader",))))


def test_a_reason_is_asked_for_and_so_is_its_ticket() -> None:
    assert rules_broken(house(requireReason=True), "  ") == ["helpdesk-reason"]
    assert rules_broken(house(requireReason=True), "phone lost") == []
    assert rules_broken(house(ticketPattern="INC[0-9]+"), "") == ["helpdesk-reason"]
    assert rules_broken(house(ticketPattern="INC[0-9]+"), "phone lost") == ["helpdesk-ticket"]
    assert rules_broken(house(ticketPattern="INC[0-9]+"), "INC1 phone lost") == []
    assert rules_broken(house(), "x" * 201) == ["helpdesk-reason"]


def test_a_role_refuses_where_the_rules_say_so() -> None:
    strict = house(refuse=[{"role": "any"}])
    assert strict.asks_belonging
    (found,) = person_refusals(strict, (), MIA, Memberships(roles=("Global Reader",)))
    assert found.rule == "helpdesk-role"
    assert "Global Reader" in found.message
    assert "Privileged Authentication Administrator" in found.help
    assert not list(person_refusals(strict, (), MIA, Memberships()))


def test_a_group_refuses_its_members() -> None:
    refused = (RefusedGroup("the group Executives", frozenset({GROUP})),)
    (found,) = person_refusals(house(), refused, MIA, Memberships(frozenset({GROUP, "other"})))
    assert (found.rule, "Executives" in found.message) == ("helpdesk-group", True)
    assert not list(person_refusals(house(), refused, MIA, Memberships(frozenset({"other"}))))


def test_an_account_for_emergencies_never_gets_help() -> None:
    for entry in ({"user": "mia.lopez@CONTOSO.com"}, {"user": MIA.id}, {"user": "x", "id": MIA.id}):
        (found,) = person_refusals(house((entry,)), (), MIA, Memberships())
        assert found.rule == "helpdesk-emergency"
    assert not list(person_refusals(house(({"user": "bg@contoso.com"},)), (), MIA, Memberships()))
    refused = (RefusedGroup("the group Break-glass", frozenset({GROUP}), emergency=True),)
    (found,) = person_refusals(house(), refused, MIA, Memberships(frozenset({GROUP})))
    assert found.rule == "helpdesk-emergency"
    assert house(({"group": "Break-glass"},)).asks_belonging


def test_nobody_makes_a_pass_for_themselves() -> None:
    assert [found.rule for found in own_refusals(MIA.id.upper(), MIA)] == ["tap-own"]
    assert not list(own_refusals("", MIA))
