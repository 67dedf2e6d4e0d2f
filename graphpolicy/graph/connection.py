"""What to connect to and how to sign in, decided from the environment and the flags alone.

A real token never leaves for a host that is not Microsoft's: what would send it there is refused
here, before anybody signs in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from graphpolicy.graph.clouds import CLOUDS, LOOPBACK, MICROSOFT
from graphpolicy.graph.retry import BUDGET_SECONDS
from graphpolicy.graph.tokens import token_claims
from graphpolicy.graph.variables import CA_FILE, NEEDS, TITLES
from graphpolicy.model import Cloud, SecretText
from graphpolicy.model.errors import UsageError
from graphpolicy.model.records import dataclass

GRAPH_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's application id, which a token may name as its audience."""

_AMBIENT = frozenset({"cli", "managed"})
"""Their tokens are Microsoft's whatever AZURE_AUTHORITY_HOST says."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Graph is and how to sign in. `access_token` is set only where it is what is used."""

    auth: str = "auto"
    root: str | None = None
    access_token: SecretText | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    budget_seconds: float = BUDGET_SECONDS
    verify_file: str | None = None

    def variable(self, names: tuple[str, ...]) -> str | None:
        """The first of these variables that is set to something."""
        return next((text for n in names if (text := self.environment.get(n, "").strip())), None)

    @property
    def loopback(self) -> bool:
        """Whether Graph is played by this machine."""
        return self.root is not None and urlsplit(self.root).hostname in LOOPBACK


def connection(environment: Mapping[str, str], auth: str = "auto") -> Connection:
    """The connection that these variables and `--auth` ask for; raises `UsageError`."""
    if auth not in ("auto", *TITLES):
        from difflib import get_close_matches

        close = get_close_matches(auth, ("auto", *TITLES), n=1)
        raise UsageError(
            f"--auth {auth!r} is not a way to sign in",
            f"did you mean {close[0]}?" if close else "one of " + ", ".join(("auto", *TITLES)),
        )
    bare = Connection(auth, environment=environment)
    token = bare.variable(("GRAPHPOLICY_ACCESS_TOKEN",)) if auth == "auto" else None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(
            "GRAPHPOLICY_ACCESS_TOKEN is not a bearer token",
            "it holds the token alone, without 'Bearer', quotes, spaces or line breaks",
        )
    root = bare.variable(("GRAPHPOLICY_GRAPH_URL",))
    _check_authority(bare)
    made = Connection(
        auth=auth,
        root=None if root is None else _checked_root(root),
        access_token=None if token is None else SecretText(token),
        environment=environment,
        verify_file=bare.variable(CA_FILE),
    )
    _refuse_foreign(made)
    return made


def graph_root(connection: Connection, cloud: Cloud) -> str:
    """Graph's root, without a version and without a slash at the end."""
    return connection.root or CLOUDS[cloud].root


def scope(connection: Connection, cloud: Cloud) -> str:
    """What a token is asked for; a root of one's own plays the part of the cloud's."""
    root = connection.root if _own(connection.root) else None
    return f"{root or CLOUDS[cloud].root}/.default"


def authority(connection: Connection, cloud: Cloud) -> str:
    """Where to sign in: AZURE_AUTHORITY_HOST, else the cloud's own."""
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
    """Whether a token says that Microsoft issued it for a service of Microsoft's."""
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
    """The way to sign in, by the name that `--auth` takes, and why it is that one."""
    if connection.auth != "auto":
        return connection.auth, f"--auth {connection.auth} was given"
    for auth, needs in NEEDS.items():
        found = [name for names in needs if (name := _set(connection, names))]
        if len(found) == len(needs):
            return auth, f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set"
    return "cli", "no variable names another way"


def asked_for(connection: Connection) -> bool:
    """Whether a flag or a variable says how to sign in: nobody's Azure CLI is asked unbidden."""
    bidden = connection.auth != "auto" or connection.access_token is not None
    return bidden or resolved(connection)[0] in NEEDS


def chosen(connection: Connection) -> tuple[str, str]:
    """The way to sign in as people call it, and why it is that one."""
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
        raise UsageError(f"{name} is plain http to {host}", "http is for this machine only")
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    root = f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}{parts.path.rstrip('/')}"
    if root.endswith(("/v1.0", "/beta")):
        raise UsageError(f"{name} ends in a version", "give the root: the versions are added")
    return root


def _checked_url(name: str, text: str) -> str:
    """The host of a plain address: nothing in it that two parsers could read differently."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as problem:
        raise UsageError(f"{name} is not an address: {problem}") from problem
    host = parts.hostname
    odd = not text.isascii() or not text.isprintable() or any(char in text for char in " \\")
    if parts.scheme not in ("http", "https") or not host or odd:
        raise UsageError(f"{name} is not an https address", "for example https://HOST")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in text or "#" in text:
        raise UsageError(f"{name} has more than scheme, host, port and path in it")
    return host


def _check_authority(bare: Connection) -> None:
    named = bare.variable(("AZURE_AUTHORITY_HOST",))
    if named is not None:
        _checked_url("AZURE_AUTHORITY_HOST", _with_scheme(named))
        if urlsplit(_with_scheme(named)).scheme != "https":
            raise UsageError("AZURE_AUTHORITY_HOST is not an https address")


def _refuse_foreign(made: Connection) -> None:
    """A token from Microsoft's sign-in never leaves for a host that is not Graph's own."""
    if made.root is None or _own(made.root):
        return
    if made.access_token is not None:
        host = urlsplit(made.root).hostname or ""
        if _of_microsoft(made.access_token.reveal()) and not (made.loopback or _microsofts(host)):
            raise UsageError(
                f"GRAPHPOLICY_GRAPH_URL is {made.root}, which is not Microsoft's, and "
                "GRAPHPOLICY_ACCESS_TOKEN is a token of Microsoft's for Microsoft Graph: refused",
                "unset GRAPHPOLICY_GRAPH_URL, or set GRAPHPOLICY_ACCESS_TOKEN to a token that this "
                "server itself issued",
            )
        return
    if foreign_authority(made) and resolved(made)[0] not in _AMBIENT:
        return
    raise UsageError(
        f"GRAPHPOLICY_GRAPH_URL is {made.root}, which is not Microsoft's, and "
        f"{chosen(made)[0]} would give it a real token: refused",
        "set GRAPHPOLICY_ACCESS_TOKEN to the token for that server (a mock takes any text), or "
        "unset GRAPHPOLICY_GRAPH_URL",
    )
