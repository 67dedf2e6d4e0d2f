"""Signing in with a browser: the page that asks who signs in, and the form that returns the code.

It asks for no password: anybody who uses a mock may be any person in it.
"""

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from ..rules import enforces
from . import consents
from .applications import Application
from .errors import SignInError
from .pending_sign_ins import Code
from .tokens import Person

if TYPE_CHECKING:
    from ..world import World

_PEOPLE: Final = 50
_ERROR: Final = ("error", "error_description")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 1rem system-ui; max-width: 32rem; margin: 3rem auto">
<h1>{title}</h1>
{body}
</body></html>
"""


@enforces("entra-browser")
def page(
    world: "World",
    application: Application,
    asked: Mapping[str, str],
    audience: str,
    scopes: frozenset[str],
) -> str:
    """Answer the authorization endpoint: ask who signs in, or with `user` return to the client.

    Before it returns it asks for consent to what is missing; `consent` is the answer.
    """
    if not _local(asked.get("redirect_uri", "")):
        raise SignInError(
            "entra-redirect",
            50011,
            f"The redirect URI '{asked.get('redirect_uri', '')}' specified in the request does not "
            f"match the redirect URIs configured for the application '{application.id}'.",
        )
    name = asked.get("user") or asked.get("login_hint", "")
    if not name:
        return _choice(world, asked)
    tenant = world.home_of(name)
    person = tenant.signed_in(name)
    lacking = scopes - world.consents.of(tenant.id, application, person)
    if lacking:
        choice = asked.get("consent", "")
        may = not application.fixed and consents.may_grant(person, lacking, choice or "me")
        if choice not in consents.CHOICES and not application.fixed:
            return _consent(application, person, lacking, asked, may=may)
        if choice == "no" or not may:
            refused = consents.decline(application, lacking, may=may)
            body = refused.body(world.clock())
            return _back(asked, "Not signed in", {each: body[each] for each in _ERROR})
        principal = person.id if choice == "me" else consents.EVERYBODY
        world.consents.grant(tenant.id, application.id, principal, lacking)
    code = secrets.token_urlsafe(32)
    world.sign_ins.granted[code] = Code(
        application.id,
        person.principal_name,
        audience,
        asked["redirect_uri"],
        asked.get("code_challenge", ""),
        asked.get("nonce", ""),
        scopes,
    )
    return _back(asked, f"Signed in as {html.escape(name)}", {"code": code})


def _back(asked: Mapping[str, str], title: str, fields: Mapping[str, str]) -> str:
    """The page that carries the answer back to the client."""
    fields = {**fields, "state": asked.get("state", "")}
    hidden = "".join(
        f'<input type="hidden" name="{key}" value="{html.escape(value)}">'
        for key, value in fields.items()
    )
    form = (
        f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{hidden}'
        "<button>Continue</button></form><script>document.forms[0].submit()</script>"
    )
    return _PAGE.format(title=title, body=form)


def _consent(
    application: Application,
    person: Person,
    lacking: frozenset[str],
    asked: Mapping[str, str],
    *,
    may: bool,
) -> str:
    """The page that asks for consent, or says that an administrator must give it."""
    options = {**asked, "user": person.principal_name}
    answers = {"me": "Accept", "organization": "Consent on behalf of your organization"}
    shown = {**(answers if may else {}), "no": "Cancel" if may else "Return without consent"}
    links = "".join(
        f'<li><a href="?{html.escape(urlencode({**options, "consent": choice}))}">{words}</a></li>'
        for choice, words in shown.items()
    )
    wants = "".join(f"<li>{html.escape(each)}</li>" for each in sorted(lacking))
    return _PAGE.format(
        title="Permissions requested" if may else "Need admin approval",
        body=f"<p>{html.escape(application.display_name)} asks for these permissions, as "
        f"{html.escape(person.principal_name)}:</p><ul>{wants}</ul><ul>{links}</ul>",
    )


@enforces("entra-browser-code")
def redeem(world: "World", application: Application, form: Mapping[str, str]) -> Code:
    """Take an authorization code back, once, from a client that knows its verifier."""
    code = world.sign_ins.granted.pop(form.get("code", ""), None)
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    answer = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if (
        code is None
        or code.application != application.id
        or code.redirect_uri != form.get("redirect_uri")
        or code.challenge != answer
    ):
        raise SignInError("entra-grant-bad", 70000, "The provided authorization code is not valid.")
    return code


def _local(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOCAL


def _choice(world: "World", asked: Mapping[str, str]) -> str:
    options = "&".join(f"{quote(key)}={quote(value)}" for key, value in asked.items())
    people = [
        person for tenant in world.tenants.values() for person in tenant.directory.people[:_PEOPLE]
    ]
    rows = "".join(
        f'<li><a href="?{html.escape(options)}&amp;user={quote(each["userPrincipalName"])}">'
        f"{html.escape(each['displayName'])}</a> {html.escape(each['userPrincipalName'])}</li>"
        for each in people
    )
    return _PAGE.format(title="Who signs in to the mock?", body=f"<ul>{rows}</ul>")
