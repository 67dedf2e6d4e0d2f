"""The token endpoint and the device code endpoint of a tenant."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jwt

from ..rules import enforces
from ..tables import JsonObject
from . import browser, consents
from .applications import Application
from .errors import SignInError
from .keys import ALGORITHM, signing_key
from .pending_sign_ins import Device, Renewal
from .proofs import check_proof
from .tokens import GRAPHS, Person

if TYPE_CHECKING:
    from ..tenant import Tenant
    from ..world import World

LIFETIME: Final = 3600
DEVICE_LIFETIME: Final = 900
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
MANY: Final = frozenset({"common", "organizations"})
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
            tenant = tenant_of(world, tenant_name)
            audience, scopes = _asked(form.get("scope", ""))
            if scopes:
                raise _bad_scope(form.get("scope", ""))
            check_proof(application, form, endpoint, world.clock.machine())
            return _answer(world, tenant, application, None, audience, endpoint)
        case grant if grant == DEVICE_CODE:
            return _device_token(world, application, form, endpoint)
        case "authorization_code":
            code = browser.redeem(world, application, form)
            tenant = world.home_of(code.person)
            return _answer(
                world, tenant, application, code.person, code.audience, endpoint, code.nonce
            )
        case "refresh_token":
            return _renewed(world, application, form, endpoint)
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
    if tenant_name.lower() not in MANY:
        tenant_of(world, tenant_name)
    audience, scopes = _asked(form.get("scope", ""))
    code, user_code = secrets.token_urlsafe(32), "".join(secrets.choice(_LETTERS) for _ in range(9))
    world.sign_ins.devices[code] = Device(
        application.id, audience, world.clock().timestamp() + DEVICE_LIFETIME, scopes
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
    return browser.page(world, application, asked, *_asked(asked.get("scope", "")))


def _device_token(
    world: "World", application: Application, form: Mapping[str, str], endpoint: str
) -> JsonObject:
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
    person = tenant.signed_in(device.person)
    lacking = device.scopes - world.consents.of(tenant.id, application, person)
    if lacking:
        if device.consent == "no" or not consents.may_grant(person, lacking, device.consent):
            raise consents.required(application, person.principal_name)
        principal = person.id if device.consent == "me" else consents.EVERYBODY
        world.consents.grant(tenant.id, application.id, principal, lacking)
    return _answer(world, tenant, application, device.person, device.audience, endpoint)


@enforces("entra-revoked")
def _renewed(
    world: "World", application: Application, form: Mapping[str, str], endpoint: str
) -> JsonObject:
    found = world.sign_ins.renewals.get(form.get("refresh_token", ""))
    if found is None or found.application != application.id:
        raise SignInError("entra-grant-bad", 70000, "The provided grant is not valid.")
    tenant = world.home_of(found.person)
    person = tenant.signed_in(found.person)
    if world.issuer.revoked(person.id, found.serial):
        raise SignInError(
            "entra-revoked",
            50173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
            "The user might have changed or reset their password.",
        )
    _, scopes = _asked(form["scope"]) if form.get("scope") else ("", frozenset[str]())
    if lacking := scopes - world.consents.of(tenant.id, application, person):
        raise (
            consents.decline(application, lacking, may=False)
            if application.fixed
            else consents.required(application, person.principal_name)
        )
    return _answer(world, tenant, application, found.person, found.audience, endpoint)


@enforces("entra-scope-all")
def _answer(  # noqa: PLR0917 - what a token is made of
    world: "World",
    tenant: "Tenant",
    application: Application,
    name: str | None,
    audience: str,
    endpoint: str,
    nonce: str = "",
) -> JsonObject:
    person = None if name is None else tenant.signed_in(name)
    granted: tuple[str, ...] = application.roles
    if person:
        granted = tuple(sorted(world.consents.of(tenant.id, application, person)))
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
    world.sign_ins.renewals[renewal] = Renewal(
        application.id, person.principal_name, audience, world.issuer.issued - 1
    )
    client_info = json.dumps({"uid": person.id, "utid": tenant.id}).encode()
    return {
        **body,
        "scope": " ".join(f"{audience}/{each}" for each in granted),
        "refresh_token": renewal,
        "id_token": _id_token(
            f"https://{urlsplit(endpoint).netloc}/{tenant.id}/v2.0",
            tenant.id,
            application.id,
            person,
            nonce,
        ),
        "client_info": base64.urlsafe_b64encode(client_info).rstrip(b"=").decode(),
    }


def _id_token(issuer: str, tenant_id: str, application: str, person: Person, nonce: str) -> str:
    """An ID token, whose issuer is the one of the OpenID configuration."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "aud": application,
        "iss": issuer,
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


def tenant_of(world: "World", name: str) -> "Tenant":
    """A tenant by id or domain; raises SignInError if there is none."""
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


def _asked(scope: str) -> tuple[str, frozenset[str]]:
    """The resource that scopes are of, and its permissions that they name: none for /.default."""
    wanted = [each.rpartition("/") for each in scope.split() if "/" in each]
    resources = {resource.removesuffix("/") for resource, _, _ in wanted}
    defaults = [name for _, _, name in wanted if name == ".default"]
    if len(resources) != 1 or (defaults and len(wanted) != 1):
        raise _bad_scope(scope)
    (root,) = resources
    if root not in (*GRAPHS, *_AZURE):
        raise SignInError(
            "entra-resource",
            500011,
            f"The resource principal named {root} was not found in the tenant.",
        )
    return root, consents.named([name for _, _, name in wanted])


def _bad_scope(scope: str) -> SignInError:
    return SignInError(
        "entra-scope",
        70011,
        f"The provided request must include a scope: '{scope}' is not valid.",
    )
