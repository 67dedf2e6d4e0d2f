"""The token endpoint and the device code endpoint of a tenant."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import jwt

from ..rules import enforces
from ..tables import JsonObject
from . import browser
from .applications import Application
from .errors import SignInError
from .keys import ALGORITHM, signing_key
from .proofs import check_proof
from .tokens import GRAPHS, Person
from .under_way import Device

if TYPE_CHECKING:
    from ..tenant import Tenant
    from ..world import World

LIFETIME: Final = 3600
DEVICE_LIFETIME: Final = 900
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_MANY: Final = frozenset({"common", "organizations"})
_AZURE: Final = (
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.core.chinacloudapi.cn",
)
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"


@enforces("entra-token", "entra-lifetime")
def token(world: "World", tenant_name: str, form: Mapping[str, str], endpoint: str) -> JsonObject:
    """Answer the token endpoint; raises SignInError for a refusal."""
    application = _application(world, form.get("client_id", ""), tenant_name)
    match form.get("grant_type"):
        case "client_credentials":
            tenant = _tenant(world, tenant_name)
            audience = _audience(form.get("scope", ""))
            check_proof(application, form, endpoint, world.clock.machine())
            return _answer(world, tenant, application, None, audience)
        case grant if grant == DEVICE_CODE:
            return _device_token(world, application, form)
        case "authorization_code":
            code = browser.redeem(world, application, form)
            tenant = world.home_of(code.person)
            return _answer(world, tenant, application, code.person, code.audience, code.nonce)
        case "refresh_token":
            return _renewed(world, application, form)
        case grant:
            raise SignInError(
                "entra-grant", 70003, f"The app requested an unsupported grant type '{grant}'."
            )


@enforces("entra-device")
def device(world: "World", tenant_name: str, form: Mapping[str, str], authority: str) -> JsonObject:
    """Answer the device code endpoint."""
    application = _application(world, form.get("client_id", ""), tenant_name)
    if not application.public:
        raise SignInError(
            "entra-no-proof",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        )
    if tenant_name.lower() not in _MANY:
        _tenant(world, tenant_name)
    audience = _audience(form.get("scope", ""))
    code, user_code = secrets.token_urlsafe(32), "".join(secrets.choice(_LETTERS) for _ in range(9))
    world.sign_ins.devices[code] = Device(
        application.id, audience, world.clock().timestamp() + DEVICE_LIFETIME
    )
    world.sign_ins.codes[user_code] = code
    address = f"{authority}/device"
    return {
        "user_code": user_code,
        "device_code": code,
        "verification_uri": address,
        "expires_in": DEVICE_LIFETIME,
        "interval": 1,
        "message": f"To sign in, use a web browser to open the page {address} and enter the code "
        f"{user_code} to authenticate.",
    }


def authorize(world: "World", tenant_name: str, asked: Mapping[str, str]) -> str:
    """Answer the authorization endpoint with a page; raises SignInError for a refusal."""
    application = _application(world, asked.get("client_id", ""), tenant_name)
    return browser.page(world, application, asked, _audience(asked.get("scope", "")))


@enforces("entra-discovery")
def discovery(world: "World", tenant_name: str, authority: str) -> JsonObject:
    """Answer the OpenID configuration of a tenant, or of all."""
    found = tenant_name if tenant_name.lower() in _MANY else _tenant(world, tenant_name).id
    home = f"{authority}/{found}"
    issuer = "{tenantid}" if tenant_name.lower() in _MANY else found
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


def _device_token(world: "World", application: Application, form: Mapping[str, str]) -> JsonObject:
    device = world.sign_ins.devices.get(form.get("device_code", ""))
    if device is None or device.application != application.id:
        raise SignInError("entra-grant-bad", 70000, "The provided device code is not valid.")
    if device.ends <= world.clock().timestamp():
        raise SignInError("entra-device-expired", 70020, "The provided device code has expired.")
    if device.declined:
        raise SignInError("entra-device-declined", 70017, "The sign-in was declined.")
    if device.person is None:
        raise SignInError(
            "entra-device-pending",
            70016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        )
    del world.sign_ins.devices[form["device_code"]]
    tenant = world.home_of(device.person)
    return _answer(world, tenant, application, device.person, device.audience)


def _renewed(world: "World", application: Application, form: Mapping[str, str]) -> JsonObject:
    holder, name, audience = world.sign_ins.renewals.get(
        form.get("refresh_token", ""), ("", "", "")
    )
    if holder != application.id:
        raise SignInError("entra-grant-bad", 70000, "The provided grant is not valid.")
    return _answer(world, world.home_of(name), application, name, audience)


def _answer(  # noqa: PLR0917 - what a token is made of
    world: "World",
    tenant: "Tenant",
    application: Application,
    name: str | None,
    audience: str,
    nonce: str = "",
) -> JsonObject:
    person = None if name is None else tenant.signed_in(name)
    granted = application.scopes if person else application.roles
    if audience in _AZURE:  # what was consented to is Graph's
        granted = ("user_impersonation",) if person else ()
    access = world.issuer.issue(
        tenant.id,
        granted,
        expires_in=LIFETIME,
        application=application.id,
        application_name=application.display_name,
        person=person,
        audience=audience,
    )
    body: JsonObject = {
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "access_token": access,
    }
    if person is None:
        return body
    renewal = secrets.token_urlsafe(32)
    world.sign_ins.renewals[renewal] = (application.id, person.principal_name, audience)
    client_info = json.dumps({"uid": person.id, "utid": tenant.id}).encode()
    return {
        **body,
        "scope": " ".join(f"{audience}/{each}" for each in granted),
        "refresh_token": renewal,
        "id_token": _id_token(tenant.id, application.id, person, nonce),
        "client_info": base64.urlsafe_b64encode(client_info).rstrip(b"=").decode(),
    }


def _id_token(tenant_id: str, application: str, person: Person, nonce: str) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "aud": application,
        "iss": f"https://login.microsoftonline.com/{tenant_id}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "name": person.display_name,
        "oid": person.id,
        "preferred_username": person.principal_name,
        "sub": person.id,
        "tid": tenant_id,
        "ver": "2.0",
    }
    if nonce:
        claims["nonce"] = nonce
    return jwt.encode(claims, signing_key("entra"), ALGORITHM, headers={"kid": "entra"})


def _tenant(world: "World", name: str) -> "Tenant":
    found = world.tenant_named(name)
    if found is None:
        raise SignInError(
            "entra-tenant",
            90002,
            f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and "
            "are signing into the correct cloud.",
        )
    return found


def _application(world: "World", identifier: str, tenant_name: str) -> Application:
    found = world.applications.find(identifier)
    if found is None:
        raise SignInError(
            "entra-application",
            700016,
            f"Application with identifier '{identifier}' was not found in the directory "
            f"'{tenant_name}'.",
        )
    return found


def _audience(scope: str) -> str:
    wanted = [each for each in scope.split() if "/" in each]
    if len(wanted) != 1 or not wanted[0].endswith("/.default"):
        raise SignInError(
            "entra-scope",
            70011,
            f"The provided request must include a scope: '{scope}' is not valid.",
        )
    root = wanted[0].removesuffix("/.default").removesuffix("/")
    if root not in (*GRAPHS, *_AZURE):
        raise SignInError(
            "entra-resource",
            500011,
            f"The resource principal named {root} was not found in the tenant.",
        )
    return root
