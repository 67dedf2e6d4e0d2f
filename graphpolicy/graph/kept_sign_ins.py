"""People's sign-ins, kept from one command to the next.

azure-identity keeps the tokens in the operating system's protected store, never in a plain file.
Whose they are is in a file in the user's own folder, which holds no secret.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphpolicy.disk.json_text import encoded
from graphpolicy.disk.output_files import write_file
from graphpolicy.graph.connection import Connection, authority
from graphpolicy.graph.credentials import client_of
from graphpolicy.model import Tenant
from graphpolicy.model.errors import GraphPolicyError
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from azure.identity import AuthenticationRecord, TokenCachePersistenceOptions

NAME = "graphpolicy"
"""The name of the store, which keeps its tokens apart from those of other programs."""

STORES = {"darwin": "the Keychain", "win32": "a file that Windows encrypts for you"}
KEYRING = "the system's keyring"

_FIELDS = ("tenant", "authority", "clientId", "homeAccountId", "tenantId", "username")


@dataclass(frozen=True, slots=True)
class SignedInAccount:
    """Who signed in to a tenant, through which app; `record` is azure-identity's."""

    tenant: str
    record: Mapping[str, str]

    @property
    def username(self) -> str:
        return self.record["username"]

    @property
    def home(self) -> str:
        """The account's id, by which its tokens are kept."""
        return self.record["homeAccountId"]

    def of_microsofts(self) -> AuthenticationRecord:
        from azure.identity import AuthenticationRecord

        return AuthenticationRecord.deserialize(json.dumps({**self.record, "version": "1.0"}))


class StoreError(GraphPolicyError):
    """There is no protected store, or it can't be used.

    `tokens` says that there may still be tokens in it.
    """

    def __init__(self, text: str, help_: str, *, tokens: bool) -> None:
        super().__init__(text, help_)
        self.tokens = tokens


def accounts_file() -> FilePath:
    """Where it is written who signed in."""
    from platformdirs import user_state_path

    return FilePath(user_state_path("graphpolicy", appauthor=False)) / "sign-ins.json"


def kept_accounts() -> tuple[SignedInAccount, ...]:
    """Who signed in, the last one first; nobody if the file can't be read or is not ours."""
    try:
        rows = json.loads(accounts_file().read_bytes())["accounts"]
        return tuple(
            SignedInAccount(row["tenant"], {name: row[name] for name in _FIELDS[1:]})
            for row in rows
            if all(isinstance(row[name], str) for name in _FIELDS)
        )
    except (OSError, ValueError, LookupError, TypeError):
        return ()


def write_accounts(accounts: tuple[SignedInAccount, ...]) -> None:
    """Replace the file; OSError if it can't be written."""
    file = accounts_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = [{"tenant": each.tenant, **each.record} for each in accounts]
    text = encoded({"version": 1, "accounts": rows})
    write_file(str(file), text, private=True)


def store_name() -> str:
    """The protected store of this system, as a person knows it."""
    return STORES.get(sys.platform, KEYRING)


def options() -> TokenCachePersistenceOptions:
    from azure.identity import TokenCachePersistenceOptions

    return TokenCachePersistenceOptions(name=NAME, allow_unencrypted_storage=False)


def open_store() -> Any:
    """The store of tokens, msal's `PersistedTokenCache`.

    Raises:
        StoreError: this machine has none, or it can't be read or written.
    """
    # azure-identity has no public way to look at the store before a sign-in, or to empty it.
    from azure.identity._persistent_cache import _load_persistent_cache

    try:
        cache = _load_persistent_cache(options(), is_cae=True)
        signal = FilePath(cache._persistence.get_location())  # noqa: SLF001
        for path in (signal.parent, signal):
            if os.path.lexists(path) and not os.access(path, os.W_OK):
                raise PermissionError(13, "you may not write to it", str(path))
        list(cache.search("Account"))
    except Exception as problem:  # each platform's library has its own errors
        cause = problem if isinstance(problem, OSError) else problem.__cause__
        if isinstance(cause, OSError) and cause.filename:
            raise StoreError(
                f"{cause.filename} can't be used: {cause.strerror}",
                f"give it back to your user, or remove it; {store_name()} needs it",
                tokens=True,
            ) from problem
        text, fix = f"{store_name()} can't be used here", _way_to_a_store()
        raise StoreError(text, fix, tokens=not isinstance(cause, ImportError)) from problem
    return cache


def _way_to_a_store() -> str:
    if not sys.platform.startswith("linux"):
        return f"unlock {store_name()} and try again"
    return (
        "it needs a desktop session, the package gir1.2-secret-1 (or your system's name for it), "
        "and PyGObject beside graphpolicy: `pipx inject graphpolicy PyGObject`"
    )


def forget(tenant: str | None) -> tuple[tuple[SignedInAccount, ...], StoreError | None]:
    """Remove what is kept of a tenant's sign-ins, or of all.

    Returns:
        Whose they were, and why their tokens could not be removed.

    Raises:
        OSError: the file with the names can't be written.
    """
    known = kept_accounts()
    gone = tuple(each for each in known if tenant in (None, each.tenant))
    left = {each.home for each in known if each not in gone}
    if gone:
        write_accounts(tuple(each for each in known if each not in gone))
    try:
        cache = open_store()
    except StoreError as problem:
        return gone, problem if gone else None
    removing: dict[str, Callable[[Any], None]] = {
        "AccessToken": cache.remove_at,
        "RefreshToken": cache.remove_rt,
        "IdToken": cache.remove_idt,
        "Account": cache.remove_account,
    }
    homes = {each.home for each in gone}
    for kind, remove in removing.items():
        for entry in list(cache.search(kind)):
            home = entry.get("home_account_id")
            if home not in left and (tenant is None or home in homes):
                remove(entry)
    return gone, None


def kept_tenants(connection: Connection) -> tuple[str, ...]:
    """The tenants to which somebody's sign-in at this authority is kept."""
    home = urlsplit(authority(connection, "global")).netloc
    found = [each.tenant for each in kept_accounts() if each.record["authority"] == home]
    return tuple(dict.fromkeys(found))


class KeptSignIns:
    """The kept sign-ins of one run. The store is opened when a person's sign-in needs it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = kept_accounts()
        self._looked = False
        self.trouble: StoreError | None = None
        """Why tokens are kept for this run alone."""

    def account(self, tenant: Tenant) -> SignedInAccount | None:
        """Who signed in to the tenant through the app of this run, else to another with it."""
        home = urlsplit(authority(self._connection, tenant.cloud)).netloc
        wanted = (home, client_of(self._connection))
        fit = [
            each
            for each in self._known
            if (each.record["authority"], each.record["clientId"]) == wanted
        ]
        return next((each for each in fit if each.tenant == tenant.id), fit[0] if fit else None)

    def holds(self, tenant: Tenant) -> bool:
        """Whether a sign-in to the tenant itself is kept, with its tokens."""
        kept = self.account(tenant)
        return kept is not None and kept.tenant == tenant.id and self.options() is not None

    def options(self) -> TokenCachePersistenceOptions | None:
        """Where azure-identity keeps tokens; None if they are kept for this run alone."""
        if not self._looked:
            self._looked = True
            try:
                open_store()
            except StoreError as problem:
                self.trouble = problem
        return None if self.trouble else options()

    def keep(self, tenant: Tenant, record: AuthenticationRecord) -> str:
        """Write down who signed in; the trouble with that, else ''."""
        row = json.loads(record.serialize())
        # The token names its issuer, in China another host than the one that signs in.
        row["authority"] = urlsplit(authority(self._connection, tenant.cloud)).netloc
        account = SignedInAccount(
            tenant.id or record.tenant_id, {name: row[name] for name in _FIELDS[1:]}
        )
        others = [
            each
            for each in kept_accounts()
            if (each.tenant, each.record["clientId"], each.record["authority"])
            != (account.tenant, account.record["clientId"], account.record["authority"])
        ]
        try:
            write_accounts((account, *others))
        except OSError as problem:
            return f"{problem.filename or accounts_file()}: {problem.strerror}"
        return ""
