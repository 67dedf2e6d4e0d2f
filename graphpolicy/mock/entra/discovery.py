"""What the authority says about itself: its endpoints, its keys, its hosts."""

from typing import TYPE_CHECKING

from ..rules import enforces
from ..tables import JsonObject
from .keys import ALGORITHM
from .sign_in import MANY, tenant_of

if TYPE_CHECKING:
    from ..world import World


@enforces("entra-discovery")
def discovery(world: "World", tenant_name: str, authority: str) -> JsonObject:
    """Answer the OpenID configuration of a tenant, or of all."""
    found = tenant_name if tenant_name.lower() in MANY else tenant_of(world, tenant_name).id
    home = f"{authority}/{found}"
    issuer = "{tenantid}" if tenant_name.lower() in MANY else found
    return {
        "issuer": f"{authority}/{issuer}/v2.0",
        "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
        "token_endpoint": f"{home}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{home}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{home}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "subject_types_supported": ["pairwise"],
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }


def instance_discovery(authority: str, tenant_name: str) -> JsonObject:
    """Answer which host plays Entra: this one alone."""
    host = authority.removeprefix("https://")
    return {
        "tenant_discovery_endpoint": f"{authority}/{tenant_name}/v2.0/.well-known/"
        "openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
