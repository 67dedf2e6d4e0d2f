"""A result as JSON, the stable interface for scripts: format_version 1."""

from __future__ import annotations

from graphpolicy import __version__
from graphpolicy.disk.json_text import encoded
from graphpolicy.model import Failure, Json, Tenant
from graphpolicy.render import Style, view

FORMAT_VERSION = "1"


def render(result: object, style: Style) -> str:
    """The `document` of a result, in the envelope that all documents have."""
    return encoded(envelope(view(result, "document", style)))


def envelope(document: Json) -> Json:
    """A document with its versions."""
    return {"format_version": FORMAT_VERSION, "tool_version": __version__, **document}


def members(of: object, names: str) -> dict[str, Json]:
    """The attributes with these names; one with a `?` is null if it is empty."""
    found: dict[str, Json] = {}
    for name in names.split():
        value = getattr(of, name.removesuffix("?"))
        value = list(value) if isinstance(value, tuple) else value
        found[name.removesuffix("?")] = (value or None) if name.endswith("?") else value
    return found


def failure_json(failure: Failure) -> Json:
    """Why a tenant could not be read or planned."""
    return members(failure, "code message help?")


def tenant_json(tenant: Tenant) -> Json:
    """A tenant as every document names it; `ring` is there if its file names one."""
    ring = {} if tenant.ring is None else {"ring": tenant.ring}
    return {**members(tenant, "name id cloud"), **ring}
