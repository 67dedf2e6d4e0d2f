"""msgraph-sdk's typed client reads and changes the policy and is refused in its own types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.authentication_method_state import AuthenticationMethodState
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.sms_authentication_method_configuration import (
    SmsAuthenticationMethodConfiguration,
)
from msgraph.generated.models.temporary_access_pass_authentication_method import (
    TemporaryAccessPassAuthenticationMethod,
)
from msgraph_core import GraphClientFactory

from graphpolicy.mock import Mock, serve

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

KOFI = "kofi.mensah@contoso.com"


class Ready:
    """A credential that has its token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 2**31)

    def close(self) -> None:
        """Nothing is open."""


def with_client(
    mock: Mock, use: Callable[[Any], Awaitable[None]], token: str | None = None
) -> None:
    async def run(url: str) -> None:
        provider = AzureIdentityAuthenticationProvider(
            Ready(token or mock.token),
            scopes=["https://graph.microsoft.com/.default"],
            allowed_hosts=["127.0.0.1"],
        )
        plain = httpx.AsyncClient(http2=False)
        socket = plain._transport  # the SDK's own close leaves it open
        client = GraphClientFactory.create_with_default_middleware(client=plain)
        adapter = GraphRequestAdapter(provider, client=client)
        adapter.base_url = f"{url}/v1.0"
        try:
            await use(GraphServiceClient(request_adapter=adapter))
        finally:
            await socket.aclose()

    with serve(mock) as graph:
        asyncio.run(run(graph.url))


def test_the_policy_is_read_and_changed() -> None:
    mock = Mock()

    async def use(client: Any) -> None:
        policy = await client.policies.authentication_methods_policy.get()
        kinds = {type(each).__name__ for each in policy.authentication_method_configurations}
        assert "Fido2AuthenticationMethodConfiguration" in kinds
        below = client.policies.authentication_methods_policy.authentication_method_configurations
        one = below.by_authentication_method_configuration_id("Sms")
        change = SmsAuthenticationMethodConfiguration(state=AuthenticationMethodState.Disabled)
        assert await one.patch(change) is None
        assert (await one.get()).state is AuthenticationMethodState.Disabled

    with_client(mock, use)
    assert mock.configuration("Sms")["state"] == "disabled"


def test_a_pass_is_made_and_a_refusal_is_understood() -> None:
    mock = Mock()
    mock.portal("TemporaryAccessPass", {"state": "enabled"})

    async def use(client: Any) -> None:
        below = client.users.by_user_id(KOFI).authentication.temporary_access_pass_methods
        wanted = TemporaryAccessPassAuthenticationMethod(lifetime_in_minutes=60)
        made = await below.post(wanted)
        assert len(made.temporary_access_pass) == 8
        assert made.method_usability_reason == "EnabledByPolicy"
        with pytest.raises(ODataError) as refused:
            await below.post(TemporaryAccessPassAuthenticationMethod(lifetime_in_minutes=9))
        assert refused.value.error.code == "badRequest"

    with_client(mock, use)


def test_a_missing_permission_is_an_odata_error() -> None:
    mock = Mock()

    async def use(client: Any) -> None:
        with pytest.raises(ODataError) as refused:
            await client.policies.authentication_methods_policy.get()
        assert refused.value.response_status_code == 403
        assert refused.value.error.code == "AccessDenied"

    with_client(mock, use, mock.issue_token(["GroupMember.Read.All"]))
