"""How fast one process plans many tenants, and how much memory it takes.

The bare script imports what any such tool needs (click, yaml, jsonschema, the SDK's adapter, a
credential of azure-identity), takes a token for each tenant, and sends through one shared client
what the plan of one tenant was seen to send. Prints the rate of `graphpolicy plan` as a part of
its rate, and both peaks of memory; the aim is 0.9, and a peak that hardly grows with the tenants.

Run: python -m tests.benchmarks.bench_fleet [TENANTS…]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, Mock, serve
from tests.benchmarks.bench_plan import rounds

ROUNDS = 3
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))
BASELINE = Path(__file__).parent.parent.parent / "policies" / "baseline.yaml"

BARE = """
import asyncio, json, os, ssl
import click, jsonschema, yaml
import httpx
from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph import GraphRequestAdapter
from msgraph_core import GraphClientFactory

SCOPE = "https://graph.microsoft.com/.default"
ENV = os.environ

class Tenant:
    def __init__(self, id, credential, turns):
        self.id, self.credential, self.turns, self.kept = id, credential, turns, None
        self.lock = asyncio.Lock()

    async def get_token(self, *scopes, **options):
        async with self.lock:
            if self.kept is None:
                async with self.turns:
                    ask = lambda: self.credential.get_token(SCOPE, tenant_id=self.id)
                    self.kept = await asyncio.to_thread(ask)
        return self.kept

async def get(adapter, permits, url):
    request = RequestInformation()
    request.http_method = Method.GET
    request.url = url
    request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    async with permits:
        return json.loads((await adapter.send_primitive_async(request, "bytes", None)).content)

async def plan(client, permits, tenant, rounds):
    provider = AzureIdentityAuthenticationProvider(
        tenant, scopes=[SCOPE], allowed_hosts=["127.0.0.1"]
    )
    adapter = GraphRequestAdapter(provider, client=client)
    for urls in rounds:
        await asyncio.gather(*(get(adapter, permits, url) for url in urls))

async def main():
    context = ssl.create_default_context(cafile=ENV["SSL_CERT_FILE"])
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
    plain = httpx.AsyncClient(
        verify=context, http2=False, trust_env=False, timeout=100, limits=limits
    )
    client = GraphClientFactory.create_with_default_middleware(client=plain)
    ids = json.loads(open(ENV["TENANTS"]).read())
    credential = ClientSecretCredential(
        ids[0], ENV["AZURE_CLIENT_ID"], ENV["AZURE_CLIENT_SECRET"],
        authority=ENV["AZURE_AUTHORITY_HOST"], disable_instance_discovery=True,
        additionally_allowed_tenants=["*"], connection_verify=ENV["SSL_CERT_FILE"],
    )
    permits, turns = asyncio.Semaphore(16), asyncio.Semaphore(8)
    asked = json.loads(ENV["ROUNDS"])
    tenants = [Tenant(id, credential, turns) for id in ids]
    await asyncio.gather(*(plan(client, permits, each, asked) for each in tenants))

asyncio.run(main())
"""


def write_fleet(folder: Path, ids: list[str]) -> None:
    """A baseline and a file for each tenant."""
    folder.mkdir()
    (folder / BASELINE.name).write_bytes(BASELINE.read_bytes())
    for number, identifier in enumerate(ids):
        (folder / f"tenant-{number:04}.yaml").write_text(
            f"version: 1\nextends: [{BASELINE.name}]\n"
            f"tenant: {{name: tenant-{number:04}, id: {identifier}}}\n"
            "groups:\n"
            "  pilot: {group: SG-MFA-Pilot-P}\n"
            "  assisted: {group: Helpdesk-assisted users}\n",
            encoding="utf-8",
        )


MEASURED = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
cpu = usage.ru_utime + usage.ru_stime
assert os.waitstatus_to_exitcode(status) in (0, 2), status
print(json.dumps([time.perf_counter() - begun, cpu, usage.ru_maxrss / 1024]))
"""
"""Runs a command. A process's peak is at least that of the one that starts it, so this is small."""


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds, seconds of CPU and the peak in MB of one run."""
    small = [sys.executable, "-S", "-c", MEASURED, *command]
    done = subprocess.run(small, env=environment, stdout=subprocess.PIPE, check=True)
    seconds, cpu, peak = json.loads(done.stdout)
    return seconds, cpu, peak


def compare(count: int, where: Path, late: float) -> None:
    """One size of fleet; each answer of Graph is so many seconds late, as from far away."""
    mock = Mock()
    ids = [mock.tenant_id, *(str(uuid.UUID(int=(1 << 80) + n, version=4)) for n in range(1, count))]
    for number, identifier in enumerate(ids[1:], 1):
        mock.add_tenant(identifier, f"tenant-{number:04}")
    folder = where / f"fleet-{count}"
    write_fleet(folder, ids)
    tenants = where / f"tenants-{count}.json"
    tenants.write_text(json.dumps(ids), encoding="utf-8")
    with serve(mock) as server:
        environment = {
            **os.environ,
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "AZURE_AUTHORITY_HOST": server.authority,
            "AZURE_CLIENT_ID": DEFAULT_APPLICATION,
            "AZURE_CLIENT_SECRET": DEFAULT_SECRET,
            "SSL_CERT_FILE": str(server.certificate),
            "TENANTS": str(tenants),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        one = [COMMAND, "plan", str(folder / "tenant-0000.yaml")]
        measured(one, environment)
        environment["ROUNDS"] = json.dumps(rounds(mock, server.url))
        if late:
            mock.add_fault("slow", seconds=late, times=1_000_000)
        every = [COMMAND, "plan", str(folder), "--state-dir", str(where / "state")]
        lines = str(where / "plans.jsonl")
        runs = {
            "bare SDK": [sys.executable, "-c", BARE],
            "plan -o plans.jsonl": [*every, "-o", lines],
            "plan": every,
        }
        taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, command in runs.items():
                taken[name].append(measured(command, environment))
    bare = [statistics.median(column) for column in zip(*taken["bare SDK"], strict=True)]
    for name, values in taken.items():
        seconds, cpu, peak = (statistics.median(column) for column in zip(*values, strict=True))
        print(
            f"{count:>5} tenants, {late:.1f} s late, {name:<20} {seconds:6.1f} s, "
            f"{bare[0] / seconds:.2f} times the "
            f"rate of bare; CPU {cpu:6.1f} s, {bare[1] / cpu:.2f} times; peak {peak:.0f} MB",
            flush=True,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        for count in map(int, sys.argv[1:] or ("100", "1000")):
            for late in (0.0, 0.2):
                own = where / f"{count}-{late}"
                own.mkdir()
                compare(count, own, late)


if __name__ == "__main__":
    main()
