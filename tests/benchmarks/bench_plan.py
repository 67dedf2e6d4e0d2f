"""How much longer `graphpolicy plan` takes than a script that makes the same requests bare.

The bare script imports what any such tool needs (click, yaml, jsonschema, the SDK's adapter) and
sends the same requests through it; both run as processes against one mock. Prints the ratio of the
fastest of interleaved runs; the aim is 1.15 or less.

Run: python tests/benchmarks/bench_plan.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from graphpolicy.mock import Mock, serve

ROUNDS = 12
COMMAND = str(Path(sys.executable).with_name("graphpolicy"))
POLICIES = str(Path(__file__).parent.parent.parent / "policies")

BARE = """
import asyncio, json, os, ssl
import click, jsonschema, yaml
import httpx
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

ROOT = os.environ["GRAPHPOLICY_GRAPH_URL"]

class Static:
    def get_token(self, *scopes, **options):
        return AccessToken(os.environ["GRAPHPOLICY_ACCESS_TOKEN"], 2**31)

async def get(adapter, url):
    request = RequestInformation()
    request.http_method = Method.GET
    request.url = url
    request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
    return json.loads((await adapter.send_primitive_async(request, "bytes", None)).content)

async def main():
    plain = httpx.AsyncClient(verify=ssl.create_default_context(), http2=False, trust_env=False)
    client = GraphClientFactory.create_with_default_middleware(client=plain)
    provider = AzureIdentityAuthenticationProvider(
        Static(), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
    )
    adapter = GraphRequestAdapter(provider, client=client)
    policy = "/policies/authenticationMethodsPolicy"
    await asyncio.gather(*(get(adapter, f"{ROOT}/{v}{policy}") for v in ("v1.0", "beta")))
    names = "displayName eq 'SG-MFA-Pilot-P' or displayName eq 'Helpdesk-assisted users'"
    await get(adapter, f"{ROOT}/v1.0/groups?$filter={names}&$select=id,displayName")

asyncio.run(main())
"""


def main() -> None:
    mock = Mock()
    with serve(mock) as server:
        environment = {
            **os.environ,
            "GRAPHPOLICY_GRAPH_URL": server.url,
            "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        }
        runs = {
            "bare SDK": [sys.executable, "-c", BARE],
            "graphpolicy plan": [COMMAND, "plan", POLICIES],
        }
        asked = {}
        for name, command in runs.items():
            mock.clear_requests()
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
            asked[name] = sorted((request.method, request.path) for request in mock.requests)
        if len(set(map(str, asked.values()))) > 1:
            sys.exit(f"not the same requests, so there is nothing to compare: {asked}")
        best = dict.fromkeys(runs, float("inf"))
        for _ in range(ROUNDS):
            for name, command in runs.items():
                begun = time.perf_counter()
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
                best[name] = min(best[name], time.perf_counter() - begun)
    for name, seconds in best.items():
        print(f"{name:<18} {seconds * 1000:6.0f} ms  {seconds / best['bare SDK']:.2f} times bare")


if __name__ == "__main__":
    main()
