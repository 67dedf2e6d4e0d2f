"""What a token says about itself, unverified."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from graphpolicy.graph.failures import SignInError
from graphpolicy.model import Tenant
from graphpolicy.plan.permission_check import checked, identity
from graphpolicy.plan.verb_permissions import VerbPermission


def token_tenant(token: str) -> str | None:
    """The tenant id in a token, unverified; None if the token is not a JWT."""
    claims = token_claims(token)
    tenant = claims.get("tid")
    return tenant if isinstance(tenant, str) and tenant else None


def token_claims(token: str) -> Mapping[str, Any]:
    """The claims of a JWT, unverified; empty if the token is not a JWT."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def refuse_other_tenant(token: str, tenant: Tenant) -> None:
    """Raise `SignInError` for a token that is for another tenant than the file's."""
    tid = token_tenant(token)
    if tid is not None and tenant.id and tid.lower() != tenant.id.lower():
        bare = tenant.title != tenant.name  # only its id is known, so no file is for it
        other = f"this command is for {tenant.title}"
        if not bare:
            other = f"the file is for {tenant.name} ({tenant.id})"
        raise SignInError(
            f"the token is for tenant {tid}, but {other}; nothing was sent",
            f"sign in to {tenant.id}, for example `graphpolicy login --tenant {tenant.id}` or "
            f"`az login --tenant {tenant.id}`, or correct "
            f"{'--tenant' if bare else '`tenant: id:` in the file'}",
            code="other-tenant",
        )


def lacking(wanted: Iterable[VerbPermission], token: str) -> tuple[str, ...]:
    """The required permissions that a token does not have; none for a token that can't be read."""
    found = checked(tuple(wanted), identity(token_claims(token)))
    missing = [each.by for each in found if each.state == "missing" and each.need.required]
    permissions = {each.need.permission.scope for each in found}
    return tuple(dict.fromkeys(name for name in missing if name in permissions))
