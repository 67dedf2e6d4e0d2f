"""What to connect to and how to sign in, decided from the environment and the flags alone.

Roots and authorities follow Microsoft's page "National cloud deployments". The names of variables
are azure-identity's (`AZURE_*`) first, then those of Terraform's providers (`ARM_*`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple
from urllib.parse import urlsplit

from graphpolicy.graph.errors import UsageFailure
from graphpolicy.model import Cloud
from graphpolicy.records import dataclass


class Home(NamedTuple):
    """Where a cloud's Graph and sign-in are, and the audience of its federated assertions."""

    root: str
    authority: str
    audience: str


CLOUDS: Mapping[Cloud, Home] = {
    "global": Home(
        "https://graph.microsoft.com",
        "https://login.microsoftonline.com",
        "api://AzureADTokenExchange",
    ),
    "usgov": Home(
        "https://graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "usgov-dod": Home(
        "https://dod-graph.microsoft.us",
        "https://login.microsoftonline.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "china": Home(
        "https://microsoftgraph.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "api://AzureADTokenExchangeChina",
    ),
}

TITLES: Mapping[str, str] = {
    "github": "GitHub federation",
    "azure-pipelines": "Azure Pipelines federation",
    "workload": "workload identity",
    "certificate": "client certificate",
    "secret": "client secret",
    "managed": "managed identity",
    "cli": "Azure CLI",
    "browser": "browser",
    "device-code": "device code",
}
"""The ways to sign in, by the name that `--auth` takes."""

CLIENT_ID = ("AZURE_CLIENT_ID", "ARM_CLIENT_ID")
TENANT_ID = ("AZURE_TENANT_ID", "ARM_TENANT_ID")
CLIENT_SECRET = ("AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET")
CERTIFICATE_PATH = ("AZURE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH")
CERTIFICATE_PASSWORD = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD")
TOKEN_FILE = ("AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH")
REQUEST_URL = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_OIDC_REQUEST_URL")
REQUEST_TOKEN = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN")
PIPELINE_URL = ("SYSTEM_OIDCREQUESTURI",)
PIPELINE_TOKEN = ("SYSTEM_ACCESSTOKEN",)
PIPELINE_CLIENT = (*CLIENT_ID, "AZURESUBSCRIPTION_CLIENT_ID")
SERVICE_CONNECTION = (
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURE_SERVICE_CONNECTION_ID",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
)
MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
CA_FILE = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "github": (REQUEST_URL, REQUEST_TOKEN, CLIENT_ID),
    "azure-pipelines": (PIPELINE_URL, PIPELINE_TOKEN, PIPELINE_CLIENT, SERVICE_CONNECTION),
    "workload": (TOKEN_FILE, CLIENT_ID),
    "certificate": (CERTIFICATE_PATH, CLIENT_ID),
    "secret": (CLIENT_SECRET, CLIENT_ID),
    "managed": (MANAGED,),
}
"""The variables that a way to sign in needs, in the order in which `auto` tries them."""

_AMBIENT = frozenset({"cli", "managed"})
"""Their tokens are Microsoft's whatever AZURE_AUTHORITY_HOST says."""

_MICROSOFT = (
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.de",
    "microsoftonline.cn",
    "microsoft.com",
    "microsoft.us",
    "chinacloudapi.cn",
    "windows.net",
    "usgovcloudapi.net",
    "ciamlogin.com",
    "b2clogin.com",
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The three names to which the SDK lets a token go over plain http (kiota's token provider)."""


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that shows itself to nobody who does not ask."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "SecretText(***)"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Graph is and how to sign in. `access_token` is set only where it is what is used."""

    auth: str = "auto"
    root: str | None = None
    access_token: SecretText | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    budget_seconds: float = 600
    verify_file: str | None = None

    def variable(self, names: tuple[str, ...]) -> str | None:
        """The first of these variables that is set to something."""
        return next((text for n in names if (text := self.environment.get(n, "").strip())), None)

    @property
    def loopback(self) -> bool:
        """Whether Graph is played by this machine."""
        return self.root is not None and urlsplit(self.root).hostname in _LOOPBACK


def connection(environment: Mapping[str, str], auth: str = "auto") -> Connection:
    """The connection that these variables and `--auth` ask for; raises `UsageFailure`."""
    if auth not in ("auto", *TITLES):
        from difflib import get_close_matches

        close = get_close_matches(auth, ("auto", *TITLES), n=1)
        raise UsageFailure(
            f"--auth {auth!r} is not a way to sign in",
            f"did you mean {close[0]}?" if close else "one of " + ", ".join(("auto", *TITLES)),
        )
    bare = Connection(auth, environment=environment)
    token = bare.variable(("GRAPHPOLICY_ACCESS_TOKEN",)) if auth == "auto" else None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageFailure(
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
    host = (urlsplit(_with_scheme(named)).hostname or "").rstrip(".")
    return not any(host == own or host.endswith("." + own) for own in _MICROSOFT)


def resolved(connection: Connection) -> tuple[str, str]:
    """The way to sign in, by the name that `--auth` takes, and why it is that one."""
    if connection.auth != "auto":
        return connection.auth, f"--auth {connection.auth} was given"
    for auth, needs in NEEDS.items():
        found = [name for names in needs if (name := _set(connection, names))]
        if len(found) == len(needs):
            return auth, f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set"
    return "cli", "no variable names another way"


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
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise UsageFailure(f"{name} is plain http to {host}", "http is for this machine only")
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    root = f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}{parts.path.rstrip('/')}"
    if root.endswith(("/v1.0", "/beta")):
        raise UsageFailure(f"{name} ends in a version", "give the root: the versions are added")
    return root


def _checked_url(name: str, text: str) -> str:
    """The host of a plain address: nothing in it that two parsers could read differently."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as problem:
        raise UsageFailure(f"{name} is not an address: {problem}") from problem
    host = parts.hostname
    odd = not text.isascii() or not text.isprintable() or any(char in text for char in " \\")
    if parts.scheme not in ("http", "https") or not host or odd:
        raise UsageFailure(f"{name} is not an https address", "for example https://HOST")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in text or "#" in text:
        raise UsageFailure(f"{name} has more than scheme, host, port and path in it")
    return host


def _check_authority(bare: Connection) -> None:
    named = bare.variable(("AZURE_AUTHORITY_HOST",))
    if named is not None:
        _checked_url("AZURE_AUTHORITY_HOST", _with_scheme(named))
        if urlsplit(_with_scheme(named)).scheme != "https":
            raise UsageFailure("AZURE_AUTHORITY_HOST is not an https address")


def _refuse_foreign(made: Connection) -> None:
    """A token from Microsoft's sign-in never leaves for a host that is not Graph's own."""
    if made.root is None or _own(made.root) or made.access_token is not None:
        return
    if foreign_authority(made) and resolved(made)[0] not in _AMBIENT:
        return
    raise UsageFailure(
        f"GRAPHPOLICY_GRAPH_URL is {made.root}, which is not Microsoft's, and "
        f"{chosen(made)[0]} would give it a real token: refused",
        "set GRAPHPOLICY_ACCESS_TOKEN to the token for that server (a mock takes any text), or "
        "unset GRAPHPOLICY_GRAPH_URL",
    )
