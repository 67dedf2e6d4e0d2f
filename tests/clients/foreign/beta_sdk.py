"""Read and change the policy with Microsoft's typed beta client, and print what it saw as JSON.

Run by test_msgraph_beta_sdk.py in an environment of its own, which has msgraph-beta-sdk.
"""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version

from azure.identity.aio import EnvironmentCredential
from msgraph_beta import GraphServiceClient
from msgraph_beta.generated.models import (
    temporary_access_pass_authentication_method_configuration as configured,
)
from msgraph_beta.generated.models.authentication_method_state import AuthenticationMethodState
from msgraph_beta.generated.models.authentication_methods_policy import AuthenticationMethodsPolicy
from msgraph_beta.generated.models.authentication_methods_registration_campaign import (
    AuthenticationMethodsRegistrationCampaign,
)
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.registration_enforcement import RegistrationEnforcement
from msgraph_beta.generated.models.temporary_access_pass_authentication_method import (
    TemporaryAccessPassAuthenticationMethod,
)

KOFI = "kofi.mensah@contoso.com"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"


async def main() -> None:
    async with EnvironmentCredential() as credential:
        graph = GraphServiceClient(credential)
        policy = graph.policies.authentication_methods_policy
        whole = await policy.get()
        below = policy.authentication_method_configurations
        passes = below.by_authentication_method_configuration_id("TemporaryAccessPass")
        before = await passes.get()
        changed = configured.TemporaryAccessPassAuthenticationMethodConfiguration(
            state=AuthenticationMethodState.Enabled, default_length=12
        )
        await passes.patch(changed)
        after = await passes.get()
        campaign = AuthenticationMethodsRegistrationCampaign(snooze_duration_in_days=3)
        enforced = RegistrationEnforcement(authentication_methods_registration_campaign=campaign)
        await policy.patch(AuthenticationMethodsPolicy(registration_enforcement=enforced))
        nudged = (await policy.get()).registration_enforcement
        kofi = graph.users.by_user_id(KOFI).authentication
        try:
            wrong = TemporaryAccessPassAuthenticationMethod(lifetime_in_minutes=9)
            await kofi.temporary_access_pass_methods.post(wrong)
            refused = ""
        except ODataError as error:
            refused = error.error.code
        made = await kofi.temporary_access_pass_methods.post(
            TemporaryAccessPassAuthenticationMethod(lifetime_in_minutes=60)
        )
        methods = await kofi.methods.get()
        members = await graph.groups.by_group_id(PILOT).members.get()
    seen = {
        "version": version("msgraph-beta-sdk"),
        "kinds": sorted(type(each).__name__ for each in whole.authentication_method_configurations),
        "preferred": whole.system_credential_preferences.state.value,
        "suspicious": whole.report_suspicious_activity_settings.state.value,
        "passes": [before.state.value, after.state.value, after.default_length],
        "snooze": nudged.authentication_methods_registration_campaign.snooze_duration_in_days,
        "pass": len(made.temporary_access_pass),
        "refused": refused,
        "methods": sorted(type(each).__name__ for each in methods.value),
        "members": [each.display_name for each in members.value],
    }
    print(json.dumps(seen))


asyncio.run(main())
