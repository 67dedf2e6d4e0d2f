"""A person's sign-in: the kept one if there is one, else with the browser or a device code."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from graphpolicy.graph.connection import Connection, scopes_of_person
from graphpolicy.graph.credentials import credential
from graphpolicy.graph.kept_sign_ins import KeptSignIns, SignedInAccount, store_name
from graphpolicy.graph.refused_sign_in import NOT_OPENED, asked_again, too_old
from graphpolicy.model import Tenant

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential


def has_browser(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser can be shown to the person: on Linux that needs a display.

    Without one Python would start a browser for the terminal, where Entra's pages don't work.
    """
    if environment.get("BROWSER"):
        return True
    remote = environment.get("SSH_CONNECTION") or environment.get("SSH_TTY")
    if platform.startswith(("win", "darwin")):
        return not remote
    shown = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return bool(shown or environment.get("WSL_DISTRO_NAME"))


class PersonalSignIn:
    """The sign-ins of people in one run. `kept` is None if none are kept."""

    def __init__(
        self,
        connection: Connection,
        say: Callable[[str], None],
        context: ssl.SSLContext,
        kept: KeptSignIns | None,
    ) -> None:
        self._connection = connection
        self._say = say
        self._context = context
        self._kept = kept
        self._made: dict[tuple[str, ...], TokenCredential] = {}
        self._without_browser = False
        self._told = False
        self._trouble = ""

    def token(
        self,
        auth: str,
        tenant: Tenant,
        scope: str,
        claims: str | None = None,
        *,
        ask_again: bool = False,
    ) -> AccessToken:
        """A token; `ask_again` asks the person even if a sign-in is kept.

        It blocks until the person has signed in.

        Raises:
            SignInError: nobody can be asked.
        """
        from azure.identity import AuthenticationRequiredError, CredentialUnavailableError

        connection = self._connection
        names = scopes_of_person(connection, scope)
        options: dict[str, Any] = {"tenant_id": tenant.id or None, "enable_cae": True}
        account = self._kept.account(tenant) if self._kept and not ask_again else None
        username = account.username if account else ""
        if self._without_browser:
            auth = "device-code"
        made = self._credential(auth, tenant, account)
        try:
            if not ask_again:
                return cast("AccessToken", made.get_token(*names, claims=claims, **options))
        except AuthenticationRequiredError as problem:
            if found := self._with_less(made, tenant, scope, {**options, "claims": claims}):
                return found
            if connection.auth == "auto" and not connection.terminal:
                raise asked_again(username, problem, connection) from None
            if why := too_old(username, problem):
                self._say(why)
        if auth == "browser" and not has_browser(connection.environment):
            made = self._by_device("there is no browser here", tenant, names, account)
            auth = "device-code"
        elif auth == "device-code":
            self._say(f"sign in to {tenant.title} with a code on any device{_asking(names)}")
        if auth == "browser":
            self._say(f"opening the browser to sign in to {tenant.title}{_asking(names)}")
        # `authenticate` is the public call, but returns no token, and then one must be looked for.
        asking = {**options, "claims": claims, "_allow_prompt": True}
        try:
            found = made.get_token(*names, **asking)
        except CredentialUnavailableError as problem:
            if auth != "browser" or not any(words in str(problem) for words in NOT_OPENED):
                raise
            made = self._by_device("the browser did not open", tenant, names, account)
            found = made.get_token(*names, **asking)
        self._keep(tenant, made._auth_record)  # noqa: SLF001
        return cast("AccessToken", found)

    def _with_less(
        self, made: Any, tenant: Tenant, scope: str, options: Mapping[str, Any]
    ) -> AccessToken | None:
        """The kept token for the least that is needed: nobody is asked again for the rest."""
        from azure.core.exceptions import ClientAuthenticationError

        least = scopes_of_person(self._connection, scope, least=True)
        every = scopes_of_person(self._connection, scope)
        if least == every:
            return None
        try:
            found = made.get_token(*least, **options)
        except ClientAuthenticationError:
            return None
        spared = _asking(tuple(name for name in every if name not in least)).removeprefix(", for ")
        verb = "`graphpolicy login --for drift`"
        self._say(f"{tenant.title}: continuing without {spared}; {verb} asks for that")
        return cast("AccessToken", found)

    def kept_words(self) -> str:
        """Where sign-ins are kept, or why they are not."""
        if self._kept is None:
            return "not kept"
        if self._kept.options() is None:
            return f"not kept: {self._kept.trouble}"
        if self._trouble:
            return f"not kept: {self._trouble}"
        return f"kept in {store_name()}; `graphpolicy logout` forgets it"

    def close(self) -> None:
        """Close what the credentials opened."""
        for made in self._made.values():
            made.close()  # type: ignore[attr-defined]  # every azure-identity credential has it

    def _by_device(
        self, why: str, tenant: Tenant, names: Sequence[str], account: SignedInAccount | None
    ) -> Any:
        self._say(f"{why}: sign in to {tenant.title} with a code on any device{_asking(names)}")
        self._without_browser = True
        return self._credential("device-code", tenant, account)

    def _credential(self, auth: str, tenant: Tenant, account: SignedInAccount | None) -> Any:
        """The credential of an account, which keeps its tokens where that is possible."""
        key = (tenant.cloud, account.home if account else "", auth)
        if key not in self._made:
            person: dict[str, Any] = {}
            if account is not None:
                record = account.of_microsofts()
                person = {"authentication_record": record, "login_hint": account.username}
            if self._kept and (options := self._kept.options()):
                person["cache_persistence_options"] = options
            arguments = (self._connection, tenant, self._say, self._context)
            self._made[key] = credential(*arguments, auth=auth, person=person)
        return self._made[key]

    def _keep(self, tenant: Tenant, record: Any) -> None:
        """Write down who signed in, and say once why the sign-in ends with this command."""
        if self._kept is None:
            return
        trouble = self._trouble = self._kept.keep(tenant, record)
        if self._told:
            return
        self._told = True
        if self._kept.trouble:
            why = f"{self._kept.trouble}; {self._kept.trouble.help}"
            self._say(f"this sign-in ends with the command: {why}")
        elif trouble:
            fix = "it must be a folder that you may write to; XDG_STATE_HOME names another on Linux"
            self._say(f"this sign-in ends with the command: {trouble}; {fix}")


def _asking(names: Sequence[str]) -> str:
    """The permissions that are asked for, without their resource."""
    shown = [name.rpartition("/")[2] for name in names if not name.endswith("/.default")]
    return f", for {', '.join(shown)}" if shown else ""
