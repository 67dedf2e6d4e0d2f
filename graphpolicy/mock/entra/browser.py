"""Signing in with a browser: the page that asks who it is, and the form that carries the code back.

No password is asked for: whoever sits at a mock may be anybody in it.
"""

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from ..rules import enforces
from .applications import Application
from .errors import SignInError
from .under_way import Code

if TYPE_CHECKING:
    from ..world import World

_PEOPLE: Final = 50
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 1rem system-ui; max-width: 32rem; margin: 3rem auto">
<h1>{title}</h1>
{body}
</body></html>
"""


@enforces("entra-browser")
def page(world: "World", application: Application, asked: Mapping[str, str], audience: str) -> str:
    """Answer the authorization endpoint: who is it, or, with `user`, the way back."""
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
    code = secrets.token_urlsafe(32)
    world.sign_ins.granted[code] = Code(
        application.id,
        world.home_of(name).signed_in(name).principal_name,
        audience,
        asked["redirect_uri"],
        asked.get("code_challenge", ""),
        asked.get("nonce", ""),
    )
    fields = {"code": code, "state": asked.get("state", "")}
    hidden = "".join(
        f'<input type="hidden" name="{key}" value="{html.escape(value)}">'
        for key, value in fields.items()
    )
    form = (
        f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{hidden}'
        "<button>Continue</button></form><script>document.forms[0].submit()</script>"
    )
    return _PAGE.format(title=f"Signed in as {html.escape(name)}", body=form)


@enforces("entra-browser-code")
def redeem(world: "World", application: Application, form: Mapping[str, str]) -> Code:
    """Take an authorization code back, once, from whoever knows its verifier."""
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
