"""The Graph address and the sign-in method, decided from the environment and the flags alone.

A real token is never sent to a host that is not Microsoft's: settings that would send it there are
refused here, before sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from graphpolicy.graph.addresses import CLOUDS, LOOPBACK, MICROSOFT
from graphpolicy.graph.retry import BUDGET_SECONDS
from graphpolicy.graph.tokens import token_claims
from graphpolicy.graph.variables import CA_FILE, CLIENT_ID, NEEDS, TITLES, in_pipeline
from graphpolicy.model import Cloud, SecretText
from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.verb_permissions import VerbPermission, scopes

NOTHING = "no other sign-in method is configured"
"""Why `auto` takes Azure CLI. If its token does not suffice, a person may sign in instead."""

GRAPH_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's application id, which may be a token's audience."""

_AMBIENT = frozenset({"cli", "managed"})
"""Sign-in methods that ignore AZURE_AUTHORITY_HOST: their tokens are always Microsoft's."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The Graph address and the sign-in method. `access_token` is set only if it will be used."""

    auth: str = "auto"
    root: str | None = None
    access_token: SecretText | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    budget_seconds: float = BUDGET_SECONDS
    verify_file: str | None = None
    needs: tuple[VerbPermission, ...] = ()
    """What the command needs: a person's sign-in asks for it, and Azure CLI must have it."""
    terminal: bool = False
    """Whether somebody at a terminal can sign in with a browser."""
    client_id: str = ""
    """The app of `--client-id`, '' if it is not given."""
    keeps: bool = False
    """Whether sign-ins of people are kept for other commands."""

    def variable(self, names: tuple[str, ...]) -> str | None:
        """The first of these variables that is not empty. `--client-id` goes before CLIENT_ID."""
        if self.client_id and CLIENT_ID[0] in names:
            return self.client_id
        return next((text for n in names if (text := self.environment.get(n, "").strip())), None)

    @property
    def loopback(self) -> bool:
        """Whether Graph's address is on this machine, as a mock's is."""
        return self.root is not None and urlsplit(self.root).hostname in LOOPBACK


def connection(
    environment: Mapping[str, str],
    auth: str = "auto",
    *,
    client_id: str = "",
    needs: tuple[VerbPermission, ...] = (),
    terminal: bool = False,
    keeps: bool = False,
) -> Connection:
    """The connection that these variables and flags describe; see the fields of `Connection`.

    Nobody is asked to sign in in a pipeline, and no sign-in is kept there.

    Raises:
        UsageError: a variable or `--auth` is not valid, or would send a real token to a host
            that is not Microsoft's.
    """
    if auth not in ("auto", *TITLES):
        near = closest(auth, ("auto", *TITLES))
        raise UsageError(
            f"--auth {auth!r} is not a sign-in method",
            f"did you mean {near}?" if near else "use one of " + ", ".join(("auto", *TITLES)),
        )
    bare = Connection(auth, environment=environment)
    token = bare.variable(("GRAPHPOLICY_ACCESS_TOKEN",)) if auth == "auto" else None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(
            "GRAPHPOLICY_ACCESS_TOKEN is not a bearer token",
            "set it to the token alone, without 'Bearer', quotes, spaces or line breaks",
        )
    root = bare.variable(("GRAPHPOLICY_GRAPH_URL",))
    _check_authority(bare)
    alone = in_pipeline(environment)
    made = Connection(
        auth=auth,
        needs=needs,
        terminal=terminal and not alone,
        client_id=client_id,
        keeps=keeps and not alone,
        root=None if root is None else _checked_root(root),
        access_token=None if token is None else SecretText(token),
        environment=environment,
        verify_file=bare.variable(CA_FILE),
    )
    _refuse_foreign(made)
    return made


def graph_root(connection: Connection, cloud: Cloud) -> str:
    """Graph's root address, without a version and without a slash at the end."""
    return connection.root or CLOUDS[cloud].root


def scope(connection: Connection, cloud: Cloud) -> str:
    """The scope of a token: the custom root if GRAPHPOLICY_GRAPH_URL sets one, else the cloud's."""
    root = connection.root if _own(connection.root) else None
    return f"{root or CLOUDS[cloud].root}/.default"


def scopes_of_person(connection: Connection, scope: str, *, least: bool = False) -> tuple[str, ...]:
    """What a person's sign-in asks for: the permissions by name; `scope` if nobody names any."""
    root = scope.removesuffix(".default")
    return tuple(f"{root}{name}" for name in scopes(connection.needs, least=least)) or (scope,)


def authority(connection: Connection, cloud: Cloud) -> str:
    """The sign-in address: AZURE_AUTHORITY_HOST if it is set, else the cloud's."""
    named = connection.variable(("AZURE_AUTHORITY_HOST",))
    return CLOUDS[cloud].authority if named is None else _with_scheme(named).rstrip("/")


def foreign_authority(connection: Connection) -> bool:
    """Whether AZURE_AUTHORITY_HOST names a host that is not Microsoft's."""
    named = connection.variable(("AZURE_AUTHORITY_HOST",))
    if named is None:
        return False
    return not _microsofts(urlsplit(_with_scheme(named)).hostname or "")


def _microsofts(host: str) -> bool:
    host = host.lower().rstrip(".")
    return any(host == own or host.endswith("." + own) for own in MICROSOFT)


def _of_microsoft(token: str) -> bool:
    """Whether a token's claims say that Microsoft issued it for a Microsoft service."""
    claims = token_claims(token)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    return _address_of_microsoft(claims.get("iss")) and any(
        each == GRAPH_ID or _address_of_microsoft(each) for each in audiences
    )


def _address_of_microsoft(value: object) -> bool:
    try:
        return isinstance(value, str) and _microsofts(urlsplit(value).hostname or "")
    except ValueError:
        return False


def resolved(connection: Connection) -> tuple[str, str]:
    """The sign-in method, as `--auth` names it, and the reason for it."""
    if connection.auth != "auto":
        return connection.auth, f"--auth {connection.auth} was given"
    for auth, needs in NEEDS.items():
        found = [name for names in needs if (name := _set(connection, names))]
        if len(found) == len(needs):
            return auth, f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set"
    if connection.terminal and connection.client_id:
        return "browser", "--client-id was given"
    if (connection.terminal or connection.keeps) and foreign_authority(connection):
        return (
            "browser",
            "AZURE_AUTHORITY_HOST is not Microsoft's, and Azure CLI signs in only there",
        )
    return "cli", NOTHING


def asked_for(connection: Connection) -> bool:
    """Whether a flag or a variable sets the sign-in method; if not, `history` reads no tenant."""
    named = connection.auth != "auto" or connection.access_token is not None
    return named or resolved(connection)[0] in NEEDS


def chosen(connection: Connection) -> tuple[str, str]:
    """The title of the sign-in method, and the reason for it."""
    if connection.access_token is not None:
        return "access token", "GRAPHPOLICY_ACCESS_TOKEN is set"
    auth, why = resolved(connection)
    return TITLES[auth], why


def _set(connection: Connection, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if connection.variable((name,))), None)


def _with_scheme(authority: str) -> str:
    return authority if "://" in authority else f"https://{authority}"


def _own(root: str | None) -> bool:
    return root in {home.root for home in CLOUDS.values()}


def _checked_root(text: str) -> str:
    name = "GRAPHPOLICY_GRAPH_URL"
    host = _checked_url(name, text)
    parts = urlsplit(text)
    if parts.scheme == "http" and host not in LOOPBACK:
        raise UsageError(
            f"{name} is an http address on {host}",
            "use https: http is allowed for this machine only",
        )
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    root = f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}{parts.path.rstrip('/')}"
    if root.endswith(("/v1.0", "/beta")):
        raise UsageError(
            f"{name} ends in a version",
            "remove `/v1.0` or `/beta` from the end: graphpolicy adds the version",
        )
    return root


def _checked_url(name: str, text: str) -> str:
    """The host of an address; refuses addresses that two parsers could read differently."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as problem:
        raise UsageError(f"{name} is not an address: {problem}") from problem
    host = parts.hostname
    odd = not text.isascii() or not text.isprintable() or any(char in text for char in " \\")
    if parts.scheme not in ("http", "https") or not host or odd:
        raise UsageError(f"{name} is not an https address", "write it as https://HOST")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in text or "#" in text:
        raise UsageError(
            f"{name} has a user, a query or a fragment",
            "leave only the scheme, host, port and path",
        )
    return host


def _check_authority(bare: Connection) -> None:
    named = bare.variable(("AZURE_AUTHORITY_HOST",))
    if named is not None:
        _checked_url("AZURE_AUTHORITY_HOST", _with_scheme(named))
        if urlsplit(_with_scheme(named)).scheme != "https":
            raise UsageError(
                "AZURE_AUTHORITY_HOST is not an https address",
                "write it as https://HOST, or unset it",
            )


def _refuse_foreign(made: Connection) -> None:
    """Refuse to send a token from Microsoft's sign-in to a host that is not Graph's own."""
    if made.root is None or _own(made.root):
        return
    if made.access_token is not None:
        host = urlsplit(made.root).hostname or ""
        if _of_microsoft(made.access_token.reveal()) and not (made.loopback or _microsofts(host)):
            raise UsageError(
                f"GRAPHPOLICY_GRAPH_URL is {made.root}, which is not a Microsoft address, and "
                "GRAPHPOLICY_ACCESS_TOKEN is a real token for Microsoft Graph: refused",
                "unset GRAPHPOLICY_GRAPH_URL, or set GRAPHPOLICY_ACCESS_TOKEN to a token that this "
                "server issued",
            )
        return
    if foreign_authority(made) and resolved(made)[0] not in _AMBIENT:
        return
    ready = made.variable(("GRAPHPOLICY_ACCESS_TOKEN",)) is not None
    raise UsageError(
        f"GRAPHPOLICY_GRAPH_URL is {made.root}, which is not a Microsoft address, and sign-in by "
        f"{chosen(made)[0]} would send it a real token: refused",
        "GRAPHPOLICY_ACCESS_TOKEN is used only with --auth auto, so add that"
        if ready
        else "set GRAPHPOLICY_ACCESS_TOKEN to a token for that server (a mock prints its own), or "
        "unset GRAPHPOLICY_GRAPH_URL",
    )
