"""The registration report, groups, keys and uses: complete or an error, and at Graph's pace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from graphpolicy.catalogue.registered import reported_as
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.registrations import (
    GroupFacts,
    HeldKey,
    UsedMethod,
    held_methods,
    key_models,
    last_used,
    read_groups,
    report_pages,
    united,
    user_pages,
)
from graphpolicy.graph.retry import REPORT_SECONDS, REPORTS
from graphpolicy.model import Unread
from tests.unit.graph.network import Clock, Network, answers, ok

ROOT = "http://127.0.0.1:1/v1.0"
REPORT = f"{ROOT}/reports/authenticationMethods/userRegistrationDetails"


def ids(count: int) -> list[str]:
    return [f"{number:08x}-0000-4000-8000-000000000000" for number in range(count)]


def report_of(pages: int) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("$skiptoken", "0")) + 1
        more = {"@odata.nextLink": f"{REPORT}?$skiptoken={number}"} if number < pages else {}
        return ok({"value": [{"id": f"p{number}", "methodsRegistered": []}], **more})

    return answer


async def all_rows(graph: Any) -> list[str]:
    return [row["id"] async for rows in report_pages(graph) for row in rows]


def test_the_report_is_read_no_faster_than_graph_answers(clock: Clock) -> None:
    sent: list[float] = []
    answer = report_of(23)

    def timed(request: httpx.Request) -> httpx.Response:
        sent.append(clock.now)
        return answer(request)

    network = Network(timed, clock)
    assert len(network.run(all_rows)) == 23
    assert all(
        later - earlier > REPORT_SECONDS
        for earlier, later in zip(sent, sent[REPORTS:], strict=False)
    )
    assert sent[REPORTS - 1] == 0.0
    assert not any("wait" in words for words in network.said)


def test_other_lists_are_not_slowed_down(clock: Clock) -> None:
    async def everybody(graph: Any) -> int:
        return len([rows async for rows in user_pages(graph)])

    assert Network(report_of(12), clock).run(everybody) == 12
    assert clock.waits == []


@pytest.mark.parametrize("headers", [{}, {"retry-after": "7"}])
def test_throttling_continues_at_the_same_page(headers: dict[str, str], clock: Clock) -> None:
    answer, refused = report_of(3), [3]

    def sometimes(request: httpx.Request) -> httpx.Response:
        if "skiptoken=1" in str(request.url) and refused[0]:
            refused[0] -= 1
            return httpx.Response(429, headers=headers)
        return answer(request)

    network = Network(sometimes, clock)
    assert network.run(all_rows) == ["p1", "p2", "p3"]
    assert len(network.sent) == 6


BROKEN: dict[str, httpx.Response] = {
    "no list": ok({"id": "x"}),
    "an entry without an id": ok({"value": [{"methodsRegistered": []}]}),
    "an entry that is no object": ok({"value": ["p2"]}),
    "half an answer": httpx.Response(200, content=b'{"value": [{"id": "p2"'),
    "refused": httpx.Response(403),
    "the first page again": ok(
        {"value": [{"id": "p1"}], "@odata.nextLink": f"{REPORT}?$skiptoken=1"}
    ),
}


@pytest.mark.parametrize("second", BROKEN.values(), ids=BROKEN.keys())
def test_a_report_that_breaks_is_an_error(second: httpx.Response, clock: Clock) -> None:
    first = ok({"value": [{"id": "p1"}], "@odata.nextLink": f"{REPORT}?$skiptoken=1"})
    with pytest.raises(GraphError, match="userRegistrationDetails"):
        Network(answers(first, second), clock).run(all_rows)


class Batches:
    """Answers `$batch`, each request by `one(url, number of times it was asked)`."""

    def __init__(self, one: Callable[[str, int], dict[str, Any]]) -> None:
        self.one = one
        self.asked: dict[str, int] = {}
        self.sizes: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        requests = json.loads(request.content)["requests"]
        self.sizes.append(len(requests))
        responses = []
        for each in requests:
            self.asked[each["url"]] = self.asked.get(each["url"], 0) + 1
            answer = self.one(each["url"], self.asked[each["url"]])
            responses.append({"id": each["id"], "headers": {}, **answer})
        return ok({"responses": responses[::-1]})


def keys(*models: str) -> dict[str, Any]:
    return {"status": 200, "body": {"value": [{"aaGuid": model} for model in models]}}


def asked_of(url: str) -> str:
    return url.split("/")[2]


def test_keys_are_read_in_batches_of_twenty(clock: Clock) -> None:
    batches = Batches(lambda url, _: keys(asked_of(url).upper()))
    network = Network(batches, clock)
    found = network.run(lambda graph: key_models(graph, ids(45)))
    assert found == {id_: (HeldKey(id_, ""),) for id_ in ids(45)}
    assert batches.sizes == [20, 20, 5]
    assert all(request.url.path == "/v1.0/$batch" for request in network.sent)


def test_each_part_of_a_batch_is_judged_for_itself(clock: Clock) -> None:
    gone, hidden, fine = ids(3)
    refusal = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient."}}
    parts = {
        gone: {"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}},
        hidden: {"status": 403, "body": refusal},
        fine: keys(),
    }
    found = Network(Batches(lambda url, _: parts[asked_of(url)]), clock).run(
        lambda graph: key_models(graph, ids(3))
    )
    assert (found[gone], found[fine]) == (None, ())
    assert isinstance(found[hidden], Unread)
    assert "UserAuthenticationMethod.Read.All" in found[hidden].fix


def test_what_is_throttled_in_a_batch_is_asked_again(clock: Clock) -> None:
    """As Graph does it: five in ten seconds."""
    allowed: list[float] = []

    def five(url: str, _times: int) -> dict[str, Any]:
        while allowed and clock.now - allowed[0] >= REPORT_SECONDS:
            allowed.pop(0)
        if len(allowed) >= REPORTS:
            return {"status": 429, "headers": {"Retry-After": "10"}, "body": {"error": {}}}
        allowed.append(clock.now)
        return keys(asked_of(url))

    batches = Batches(five)
    network = Network(batches, clock)
    found = network.run(lambda graph: key_models(graph, ids(60)))
    assert found == {id_: (HeldKey(id_, ""),) for id_ in ids(60)}
    assert batches.sizes[0] == 20
    assert set(batches.sizes[1:]) == {5}
    assert sum("Graph asks to wait" in words for words in network.said) == 1


def test_a_batch_that_is_throttled_for_ever_is_an_error(clock: Clock) -> None:
    batches = Batches(lambda _, __: {"status": 429, "headers": {"Retry-After": "60"}})
    with pytest.raises(GraphError, match="429"):
        Network(batches, clock).run(lambda graph: key_models(graph, ids(3)))
    assert sum(clock.waits) <= 700


@pytest.mark.parametrize("status", [500, 503])
def test_an_outage_in_a_batch_passes_or_is_an_error(status: int, clock: Clock) -> None:
    def at_first(url: str, times: int) -> dict[str, Any]:
        return {"status": status} if times < 3 else keys(asked_of(url))

    assert len(Network(Batches(at_first), clock).run(lambda g: key_models(g, ids(2)))) == 2
    always = Network(Batches(lambda _, __: {"status": status}), clock)
    with pytest.raises(GraphError, match=str(status)):
        always.run(lambda graph: key_models(graph, ids(2)))


INCOMPLETE: dict[str, Any] = {
    "nothing": {},
    "no list": {"responses": {}},
    "one is missing": {"responses": [{"id": "1", "status": 200, "body": {"value": []}}]},
    "one is there twice": {"responses": [{"id": "1", "status": 404}] * 2},
    "an unknown one": {"responses": [{"id": each, "status": 404} for each in "123"]},
    "no status": {"responses": [{"id": each} for each in "12"]},
    "no objects": {"responses": ["1", "2"]},
    "no body": {"responses": [{"id": each, "status": 200} for each in "12"]},
    "a body without a list": {
        "responses": [{"id": each, "status": 200, "body": {}} for each in "12"]
    },
}


@pytest.mark.parametrize("document", INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_an_incomplete_batch_is_an_error(document: Any, clock: Clock) -> None:
    with pytest.raises(GraphError):
        Network(answers(ok(document)), clock).run(lambda graph: key_models(graph, ids(2)))


def test_if_nobody_may_be_read_the_others_are_not_asked(clock: Clock) -> None:
    batches = Batches(lambda _, __: {"status": 403, "body": {"error": {"code": "AccessDenied"}}})
    found = Network(batches, clock).run(lambda graph: key_models(graph, ids(500)))
    assert batches.sizes == [20]
    assert len(found) == 500
    assert all(isinstance(each, Unread) for each in found.values())


def test_a_list_in_a_batch_may_have_more_pages(clock: Clock) -> None:
    link = f"{ROOT}/users/x/authentication/fido2Methods?$skiptoken=b"
    first = {"status": 200, "body": {"value": [{"aaGuid": "A"}], "@odata.nextLink": link}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return Batches(lambda _, __: first)(request)
        return ok({"value": [{"aaGuid": "B", "passkeyType": "synced"}]})

    assert Network(answer, clock).run(lambda graph: key_models(graph, ids(1))) == {
        ids(1)[0]: (HeldKey("a", ""), HeldKey("b", "synced"))
    }


def test_long_reading_says_how_far_it_is_and_how_it_ended(clock: Clock) -> None:
    def slow(url: str, _times: int) -> dict[str, Any]:
        clock.now += 1
        return keys(asked_of(url))

    network = Network(Batches(slow), clock)
    network.run(lambda graph: key_models(graph, ids(50)))
    assert network.said == [
        "reading the keys of people: 20 of 50",
        "reading the keys of people: 40 of 50",
        "reading the keys of people: all 50 are read",
    ]


def test_the_last_use_of_each_method_is_read_on_beta(clock: Clock) -> None:
    rows = [
        {"@odata.type": "#microsoft.graph.passwordAuthenticationMethod"},
        {
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
            "aaGuid": "2FC0579F-8113-47EA-B116-555A8DB9202A",
            "lastUsedDateTime": "2026-01-02T03:04:05Z",
        },
    ]
    network = Network(Batches(lambda _, __: {"status": 200, "body": {"value": rows}}), clock)
    assert network.run(lambda graph: last_used(graph, ids(1))) == {
        ids(1)[0]: (
            UsedMethod("password", "", ""),
            UsedMethod("fido2", "2fc0579f-8113-47ea-b116-555a8db9202a", "2026-01-02T03:04:05Z"),
        )
    }
    assert network.sent[0].url.path == "/beta/$batch"


def test_what_people_hold_counts_for_methods_of_the_policy(clock: Clock) -> None:
    """Codes of an app do not count as Authenticator; a mobile phone counts for two methods."""
    kinds = ("phone", "softwareOath", "windowsHelloForBusiness", "retinaScan")
    mobile = "3179e48a-750b-4051-897c-87b9720928f7"
    rows = [
        {"@odata.type": f"#microsoft.graph.{k}AuthenticationMethod", "id": mobile} for k in kinds
    ]
    one, other, gone = ids(3)

    def answer(url: str, _times: int) -> dict[str, Any]:
        if gone in url:
            return {"status": 404}
        return {"status": 200, "body": {"value": rows if one in url else []}}

    network = Network(Batches(answer), clock)
    assert network.run(lambda graph: held_methods(graph, ids(3))) == {
        one: frozenset({"Sms", "Voice", "SoftwareOath"}),
        other: frozenset(),
        gone: None,
    }
    names = ["mobilePhone", "microsoftAuthenticatorPush", "softwareOneTimePasscode", "retinaScan"]
    methods = frozenset({"Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath"})
    assert united(map(reported_as, names)) == methods
    assert united(map(reported_as, ["officePhone", "passKeySynced"])) == {"Voice", "Fido2"}
    assert united([]) == frozenset()


def test_groups_say_who_decides_about_their_members(clock: Clock) -> None:
    plain, dynamic, synchronised, gone = ids(4)
    groups: dict[str, Any] = {
        plain: {"displayName": "Plain", "groupTypes": [], "onPremisesSyncEnabled": None},
        dynamic: {"displayName": "Dynamic", "groupTypes": ["Unified", "DynamicMembership"]},
        synchronised: {"displayName": None, "onPremisesSyncEnabled": True},
    }

    def one(url: str, _times: int) -> dict[str, Any]:
        body = groups.get(url.split("/")[2].partition("?")[0])
        return {"status": 200, "body": body} if body else {"status": 404}

    assert Network(Batches(one), clock).run(lambda graph: read_groups(graph, ids(4))) == {
        plain: GroupFacts("Plain", False, False),
        dynamic: GroupFacts("Dynamic", True, False),
        synchronised: GroupFacts("", False, True),
        gone: None,
    }


def test_nothing_is_asked_about_nobody(clock: Clock) -> None:
    network = Network(answers(ok()), clock)
    assert network.run(lambda graph: key_models(graph, [])) == {}
    assert network.sent == []


def test_who_stops_reads_no_further_page(clock: Clock) -> None:
    async def first(graph: Any) -> None:
        async for _ in report_pages(graph):
            break

    network = Network(report_of(3), clock)
    network.run(first)
    assert len(network.sent) == 1
