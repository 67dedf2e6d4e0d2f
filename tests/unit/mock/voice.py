"""One method of the mock, as tests ask for it."""

import httpx

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
VOICE = f"{POLICY}/authenticationMethodConfigurations/Voice"
OFF = {
    "@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration",
    "state": "disabled",
}


def state(graph: httpx.Client) -> str:
    found: str = graph.get(VOICE).json()["state"]
    return found
