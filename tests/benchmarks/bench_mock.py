"""How fast the mock is, and how much memory it takes: one process, one core, a real socket.

Prints requests per second of the policy, against what the SDK's adapter manages with the same
server; pages per second of the registration report of 1,000,000 people; and the memory of both.

Run: python tests/benchmarks/bench_mock.py
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

SECONDS = 5.0
PEOPLE = 1_000_000
POLICY = "/v1.0/policies/authenticationMethodsPolicy"
REPORT = "/v1.0/reports/authenticationMethods/userRegistrationDetails"


@contextmanager
def serving() -> Iterator[tuple[dict[str, str], int]]:
    """The mock as a process, on a core of its own if possible."""
    command = [sys.executable, "-m", "graphpolicy", "mock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(process.pid, {cores[0]})
            os.sched_setaffinity(0, set(cores[1:]) or {cores[0]})
        try:
            yield line, process.pid
        finally:
            process.terminate()


def memory(pid: int) -> float:
    """What a process has in memory, in MB."""
    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith("VmRSS:"):
            return int(row.split()[1]) / 1024
    raise LookupError(pid)


class Wire:
    """One connection that stays open, without a client library."""

    def __init__(self, line: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(line["url"]).netloc)
        self.headers = {"Authorization": f"Bearer {line['token']}"}

    def get(self, path: str) -> bytes:
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body


def rate(call: Callable[[], Any]) -> float:
    """Calls per second."""
    for _ in range(20):
        call()
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        call()
        done += 1
    return done / (time.perf_counter() - started)


def pages(wire: Wire) -> float:
    """Pages per second of the report, followed as a client does."""
    path, done, started = REPORT, 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        link = json.loads(wire.get(path))["@odata.nextLink"]
        path = link.partition(wire.connection.host)[2].partition("/")[2]
        path = f"/{path}"
        done += 1
    return done / (time.perf_counter() - started)


async def through_the_sdk(line: dict[str, str]) -> float:
    """GETs per second through msgraph's request adapter, one after the other."""
    from azure.core.credentials import AccessToken
    from kiota_abstractions.method import Method
    from kiota_abstractions.native_response_handler import NativeResponseHandler
    from kiota_abstractions.request_information import RequestInformation
    from kiota_authentication_azure.azure_identity_authentication_provider import (
        AzureIdentityAuthenticationProvider,
    )
    from kiota_http.middleware.options import ResponseHandlerOption
    from msgraph import GraphRequestAdapter
    from msgraph_core import GraphClientFactory

    class Ready:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            return AccessToken(line["token"], 2**31)

    plain = httpx.AsyncClient(http2=False, trust_env=False)
    client = GraphClientFactory.create_with_default_middleware(client=plain)
    provider = AzureIdentityAuthenticationProvider(
        Ready(), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
    )
    adapter = GraphRequestAdapter(provider, client=client)

    async def get() -> None:
        request = RequestInformation()
        request.http_method = Method.GET
        request.url = line["url"] + POLICY
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        answer: Any = await adapter.send_primitive_async(request, "bytes", None)
        assert answer.status_code == 200

    for _ in range(20):
        await get()
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        await get()
        done += 1
    return done / (time.perf_counter() - started)


def main() -> None:
    with serving() as (line, pid):
        wire = Wire(line)
        bare = rate(lambda: wire.get(POLICY))
        sdk = asyncio.run(through_the_sdk(line))
        print(
            f"policy GET: {bare:.0f} a second ({1000 / bare:.2f} ms), memory {memory(pid):.0f} MB"
        )
        print(f"the same through the SDK: {sdk:.0f} a second ({1000 / sdk:.2f} ms)")
        started = time.perf_counter()
        httpx.post(f"{line['url']}/_mock/crowd", json={"count": PEOPLE})
        print(f"{PEOPLE:,} people made in {(time.perf_counter() - started) * 1000:.0f} ms")
        speed = pages(Wire(line))
        whole = PEOPLE / 1000 / speed
        print(
            f"report: {speed:.1f} pages of 1000 a second, all of it in {whole:.0f} s, "
            f"memory {memory(pid):.0f} MB"
        )


if __name__ == "__main__":
    main()
