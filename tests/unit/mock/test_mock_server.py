"""The mock on a real socket: faults, starting and stopping."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from graphpolicy.mock import Mock, UnknownFaultError, serve
from tests.unit.mock.voice import OFF, POLICY, VOICE, state


def test_over_the_socket(mock: Mock, graph: httpx.Client) -> None:
    answer = graph.get(POLICY)
    assert answer.status_code == 200
    assert answer.headers["request-id"]
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    assert len(answer.headers.get_list("content-type")) == 1
    assert str(graph.base_url).rstrip("/") in answer.json()["@odata.context"]
    gone = graph.patch(VOICE, json=OFF)
    assert (gone.status_code, gone.content) == (204, b"")
    assert mock.configuration("Voice")["state"] == "disabled"
    encoded = graph.get("/v1.0/groups", params={"$filter": "displayName eq 'O''Brien''s team'"})
    assert len(encoded.json()["value"]) == 1
    assert graph.get("/v1.0//groups").status_code == 200
    assert graph.head(POLICY).status_code == 405
    link = graph.get("/v1.0/groups", params={"$top": "5"}).json()["@odata.nextLink"]
    assert link.startswith(str(graph.base_url))
    assert graph.get(link).status_code == 200


def drain(answer: httpx.Response, received: bytearray) -> None:
    for part in answer.iter_raw():
        received += part


def test_a_connection_that_breaks_half_way_through_the_answer(
    mock: Mock, graph: httpx.Client
) -> None:
    mock.add_fault("reset_half", times=2)
    with graph.stream("GET", POLICY) as answer:
        assert answer.status_code == 200
        length = int(answer.headers["content-length"])
        received = bytearray()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            drain(answer, received)
        assert 0 < len(received) < length
    with pytest.raises(ConnectionResetError):
        mock.ask("PATCH", VOICE, OFF)
    assert state(graph) == "disabled"


def test_an_answer_without_a_body_breaks_half_way_too(mock: Mock, graph: httpx.Client) -> None:
    mock.add_fault("reset_half", method="PATCH")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        graph.patch(VOICE, json=OFF)
    assert state(graph) == "disabled"


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_broken_connections(mock: Mock, graph: httpx.Client, kind: str) -> None:
    mock.add_fault(kind, method="PATCH")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        graph.patch(VOICE, json=OFF)
    assert state(graph) == ("disabled" if kind == "reset_after" else "enabled")
    assert [each.status for each in mock.requests] == [None, 200]
    assert graph.patch(VOICE, json=OFF).status_code == 204


def test_broken_connections_without_a_socket(mock: Mock) -> None:
    mock.add_fault("reset_before", times=2)
    with pytest.raises(ConnectionResetError):
        mock.ask("GET", POLICY)

    async def get() -> None:
        transport = httpx.ASGITransport(mock.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            await client.get(POLICY)

    with pytest.raises(ConnectionResetError):
        asyncio.run(get())


def test_application_without_a_socket(mock: Mock) -> None:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(mock.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return await client.get(POLICY, headers={"Authorization": f"Bearer {mock.token}"})

    assert asyncio.run(get()).json()["id"] == "authenticationMethodsPolicy"


def test_status_faults(mock: Mock, graph: httpx.Client) -> None:
    mock.add_fault(
        "status",
        method="GET",
        path_contains="METHODSPOLICY",
        after=1,
        times=2,
        status=429,
        headers={"Retry-After": "7"},
    )
    assert [graph.get(POLICY).status_code for _ in range(4)] == [200, 429, 429, 200]
    mock.add_fault("status", status=502, body="<html>Bad gateway</html>", times=None)
    for _ in range(3):
        answer = graph.patch(VOICE, json=OFF)
        assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
        assert answer.headers["content-type"] == "text/html"
    mock.clear_faults()
    assert state(graph) == "enabled"


def test_throttling_has_graphs_body(mock: Mock, graph: httpx.Client) -> None:
    codes = {429: "TooManyRequests", 503: "serviceNotAvailable", 504: "UnknownError"}
    for status, code in {**codes, 500: "generalException"}.items():
        mock.add_fault("status", status=status)
        assert graph.get(POLICY).json()["error"]["code"] == code


def test_slow_and_truncated_answers(mock: Mock, graph: httpx.Client) -> None:
    mock.add_fault("slow", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        graph.patch(VOICE, json=OFF, timeout=0.2)
    assert state(graph) == "disabled"
    mock.add_fault("slow", seconds=0.05)
    assert graph.get(POLICY).status_code == 200
    mock.add_fault("truncated")
    answer = graph.get(POLICY)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_writes_that_do_not_stay(mock: Mock, graph: httpx.Client) -> None:
    mock.add_fault("not_persisted", method="PATCH")
    assert graph.patch(VOICE, json=OFF).status_code == 204
    assert state(graph) == "enabled"
    assert mock.edits == []
    mock.add_fault("stale", method="PATCH", reads=2)
    assert graph.patch(VOICE, json=OFF).status_code == 204
    assert [state(graph) for _ in range(3)] == ["enabled", "enabled", "disabled"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_portal_edit_in_between(mock: Mock, graph: httpx.Client, when: str) -> None:
    edit = {"resource": "Voice", "set": {"state": "enabled"}, "actor": "ana", "when": when}
    mock.portal("Voice", {"state": "disabled"})
    mock.add_fault("interleave", method="PATCH", edit=edit)
    assert graph.patch(VOICE, json=OFF).status_code == 204
    assert state(graph) == ("disabled" if when == "before" else "enabled")
    assert "ana" in [each.actor for each in mock.edits]


def test_faults_of_the_state_need_a_tenant(mock: Mock) -> None:
    mock.add_fault("not_persisted")
    assert mock.ask("GET", POLICY, token="strange").status == 401


def test_faults_strike_inside_batches_where_there_is_no_connection(mock: Mock) -> None:
    mock.add_fault("reset_before", path_contains="/groups", times=None)
    mock.add_fault("status", path_contains="/groups", after=1, status=429)
    requests = [{"id": str(place), "method": "GET", "url": "/groups"} for place in range(3)]
    answer = mock.ask("POST", "/v1.0/$batch", {"requests": requests})
    assert [each["status"] for each in answer.body["responses"]] == [200, 429, 200]


def test_faults_that_cannot_be(mock: Mock) -> None:
    with pytest.raises(UnknownFaultError, match="earthquake"):
        mock.add_fault("earthquake")
    with pytest.raises(UnknownFaultError, match="edit"):
        mock.add_fault("interleave")


def test_many_at_once(mock: Mock, served: tuple[Mock, str]) -> None:
    async def get(client: httpx.AsyncClient) -> int:
        return (await client.get(POLICY)).status_code

    async def all_of_them() -> list[int]:
        headers = {"Authorization": f"Bearer {mock.token}"}
        async with httpx.AsyncClient(base_url=served[1], headers=headers) as client:
            return await asyncio.gather(*(get(client) for _ in range(40)))

    assert set(asyncio.run(all_of_them())) == {200}


def test_a_server_stops_with_connections_open_and_frees_its_port() -> None:
    with serve(Mock()) as server:
        client = httpx.Client(base_url=server.url)
        assert client.get("/v1.0/me").status_code == 401
        port = httpx.URL(server.url).port or 0
    client.close()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError, match="in use"):
        serve(Mock(), port).__enter__()
    with serve(Mock(), port) as again:
        waiting = threading.Thread(target=again.wait)
        waiting.start()
        assert again.url.endswith(str(port))
    waiting.join(5)
    assert not waiting.is_alive()


class Stuck:
    """A server that never starts, and ends when `should_exit` is set."""

    started = False
    should_exit = False
    force_exit = False

    def run(self, sockets: list[socket.socket]) -> None:
        while not self.should_exit:
            time.sleep(0.01)


def test_a_server_that_does_not_start_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphpolicy.mock.server._START_WITHIN", 0.1)
    monkeypatch.setattr("graphpolicy.mock.protocol.uvicorn_server", lambda *_: Stuck())
    with pytest.raises(RuntimeError, match="did not start"), serve(Mock()):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_until_a_signal(number: signal.Signals) -> None:
    code = (
        "from graphpolicy.mock import Mock, run\n"
        "run(Mock(), on_ready=lambda server: print(server.url, flush=True))\n"
        "print('stopped')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDEVMODE": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/v1.0/me").status_code == 401
        time.sleep(0.05)
        process.send_signal(number)
        assert process.stdout.read() == "stopped\n"
        assert process.stderr.read() == ""
        assert process.wait(10) == 0
