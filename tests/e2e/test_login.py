"""One sign-in of a person serves many commands: kept in the system's keyring, or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest

from graphpolicy.mock import Application, Mock, Server
from tests.shell import Done, Shell, policy

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is for the keyring of Linux"),
]

READ = ("Policy.Read.AuthenticationMethod", "GroupMember.Read.All")
READER, ADMIN = "reader@contoso.com", "admin@contoso.com"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
KEYRING = """
import os, pathlib
class GLib:
    class Error(Exception): pass
class Secret:
    class Schema: new = staticmethod(lambda name, *_: pathlib.Path(os.environ["KEYRING"], name))
    class SchemaFlags: NONE = 0
    class SchemaAttributeType: STRING = 0
    password_store_sync = staticmethod(lambda path, *given: bool(path.write_text(given[-2])))
    password_lookup_sync = staticmethod(lambda path, *_: path.exists() and path.read_text() or None)
    password_clear_sync = staticmethod(lambda path, *_: path.unlink())
"""


class Desk:
    """A person's machine: a shell, and a browser that answers Entra's questions at once.

    A command starts a program that writes the address into a pipe. Who reads it there is the
    browser; a program of its own signs in in `test_sign_in.py`.
    """

    def __init__(self, shell: Shell, server: Server) -> None:
        self.shell = shell
        self.server = server
        self.keyring = shell.folder / "keyring"
        self.accounts = shell.folder / "state" / "graphpolicy" / "sign-ins.json"
        self.answers = ""
        self.opened = 0
        """How often the browser was opened."""
        program = shell.write('echo "$1" > addresses', "browser.sh")
        shell.environment["BROWSER"] = f"sh {program} %s"
        os.mkfifo(shell.folder / "addresses")
        self._addresses = os.fdopen(os.open(shell.folder / "addresses", os.O_RDWR), "rb", 0)
        self._browser = threading.Thread(target=self._browse)
        self._browser.start()

    def __call__(self, *arguments: str, person: str = READER, answer: str = "") -> Done:
        self.answers = f"&user={person}" + (f"&consent={answer}" if answer else "")
        return self.shell(*arguments)

    def _browse(self) -> None:
        trusted = ssl.create_default_context(cafile=str(self.server.certificate))
        while address := self._addresses.readline().decode().strip():
            self.opened += 1
            with httpx.Client(verify=trusted, trust_env=False) as client:
                page = client.get(address + self.answers).text
                to = re.findall('action="(.*?)"', page)[0]
                client.post(to, data=dict(re.findall('name="(.*?)" value="(.*?)"', page)))

    def close(self) -> None:
        """Close the browser."""
        os.write(self._addresses.fileno(), b"\n")
        self._browser.join()
        self._addresses.close()

    def give_keyring(self) -> None:
        """Install a keyring, as PyGObject and libsecret are."""
        start = "from . import repository\ndef require_version(*_): pass\n"
        self.shell.write(start, "lib/gi/__init__.py")
        self.shell.write(KEYRING, "lib/gi/repository.py")
        self.keyring.mkdir()
        library = str(self.shell.folder / "lib")
        self.shell.environment |= {"PYTHONPATH": library, "KEYRING": str(self.keyring)}
        self.shell.settings["sys.path"] = [library, *sys.path]  # type: ignore[assignment]


@pytest.fixture
def desk(bare: Shell, server: Server) -> Iterator[Desk]:
    """A shell without an application and without a token."""
    bare.write(policy("Sms: {state: disabled}"))
    bare.environment |= {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "AZURE_AUTHORITY_HOST": server.authority,
        "SSL_CERT_FILE": str(server.certificate),
        "HOME": str(bare.folder),
    }
    with contextlib.closing(Desk(bare, server)) as made:
        yield made


FEW = ("plan --impact", "drift", "history", f"mfa list {ADMIN}", "doctor")
TEN = ("plan", "pull", "pull --snapshot now.json", "groups", "pull -o live.yaml", *FEW)


@pytest.mark.parametrize(
    "commands",
    [FEW, pytest.param(TEN, marks=pytest.mark.deep)],  # they ask for more than the others do
)
def test_many_commands_after_one_sign_in(desk: Desk, commands: tuple[str, ...]) -> None:
    desk.give_keyring()
    signed_in = desk("login")
    assert signed_in.code == 0, signed_in.text
    assert READER in signed_in.out
    for words in commands:
        done = desk(*words.split(), *(() if words == "history" else ("--auth", "browser")))
        assert done.code in (0, 2), done.text
        assert "browser" not in done.err
    assert desk.opened == 1
    assert f"{READER} through" in done.out
    assert "secret" not in desk.accounts.read_text("utf-8").lower()


def test_history_takes_a_kept_sign_in_and_asks_nobody(desk: Desk, mock: Mock) -> None:
    desk.give_keyring()
    mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
    assert "ana@contoso.com" not in desk("history").text
    mock.withdraw_consents()
    mock.consent(*READ)
    assert desk("login").code == 0
    told = desk("history")
    assert "`graphpolicy login --for drift` at a terminal" in told.err
    assert desk("login", "--for", "drift", person=ADMIN, answer="organization").code == 0
    assert "ana@contoso.com" in desk("history").out
    assert desk.opened == 2
    desk.shell.environment["CI"] = "true"
    assert "ana@contoso.com" not in desk("history").text


def test_logout_leaves_no_token_behind(desk: Desk) -> None:
    desk.give_keyring()
    desk("login")
    (kept,) = desk.keyring.iterdir()
    assert json.loads(kept.read_text("utf-8"))["RefreshToken"]
    gone = desk("logout")
    assert (gone.code, READER in gone.out) == (0, True)
    left = json.loads(kept.read_text("utf-8"))
    assert not any(left[kind] for kind in ("AccessToken", "RefreshToken", "IdToken", "Account"))
    assert READER not in desk.accounts.read_text("utf-8")
    desk("plan", "--auth", "browser")
    assert desk.opened == 2


def test_what_was_revoked_is_asked_for_again(desk: Desk, mock: Mock) -> None:
    desk.give_keyring()
    desk("login")
    person = mock.tenant().directory.person(READER)
    assert person is not None
    mock.revoke(person["id"])
    alone = desk("plan")
    assert (alone.code, desk.opened) == (4, 1)
    assert "run `graphpolicy login` at a terminal" in alone.text
    done = desk("plan", "--auth", "browser")
    assert done.code == 0
    assert f"the kept sign-in of {READER} does not suffice: AADSTS50173" in done.err
    assert desk.opened == 2


def test_another_account_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.give_keyring()
    desk("login")
    desk("login", person=ADMIN)
    assert f"{ADMIN} through" in desk("doctor", "--auth", "browser").out
    assert desk.opened == 2
    assert READER not in desk.accounts.read_text("utf-8")


def test_without_a_protected_store_nothing_is_kept_and_that_is_said_once(desk: Desk) -> None:
    done = desk("plan", "--auth", "browser")
    assert done.code == 0, done.text
    assert done.err.count("this sign-in ends with the command") == 1
    assert "PyGObject" in done.err
    desk("plan", "--auth", "browser")
    assert desk.opened == 2
    assert not list(desk.shell.folder.glob(".IdentityService/*"))


def test_a_store_that_can_not_be_used_says_what_to_do(desk: Desk) -> None:
    desk.give_keyring()
    desk.shell.write("", ".IdentityService")
    done = desk("login")
    assert done.code == 0, done.text
    assert f"{desk.shell.folder / '.IdentityService'} can't be used" in done.err


def test_a_name_that_can_not_be_written_down_is_not_said_to_be_kept(desk: Desk) -> None:
    desk.give_keyring()
    desk.shell.environment["XDG_STATE_HOME"] = str(desk.shell.write("", "file"))
    done = desk("login")
    assert done.code == 0, done.text
    assert "not kept:" in done.out
    assert "kept in" not in done.out
    assert "XDG_STATE_HOME names another" in done.err


def test_a_tenant_of_which_only_the_id_is_known(desk: Desk, mock: Mock) -> None:
    done = desk("login", "--tenant", "33333333-2222-4333-8444-555555555555")
    assert done.code == 4
    assert "sign in to tenant 33333333-2222-4333-8444-555555555555," in done.err
    assert "there is no such tenant in this cloud" in done.err
    (desk.shell.folder / "policies" / "contoso.yaml").unlink()
    done = desk("login", "--tenant", mock.tenant_id)
    assert f"signed in to tenant {mock.tenant_id} as" in done.out


def test_a_tenant_that_refuses_does_not_keep_the_others_from_being_signed_in_to(
    desk: Desk, mock: Mock
) -> None:
    desk.give_keyring()
    refusing = mock.add_tenant("22222222-2222-4333-8444-555555555555", "adatum")
    desk.shell.write(policy("Sms: {state: disabled}", refusing), "policies/adatum.yaml")
    mock.withdraw_consents()
    mock.consent(*READ)
    done = desk("login", answer="no")
    assert done.code == 4, done.text
    assert "adatum: the token is for tenant" in done.err
    assert f"signed in to contoso ({mock.tenant_id}) as" in done.out, done.err
    assert desk("plan", "--tenant", "contoso").code == 0


def test_a_pipeline_keeps_nothing(desk: Desk) -> None:
    desk.give_keyring()
    desk.shell.environment["CI"] = "true"
    assert desk("plan", "--auth", "browser").code == 0
    assert desk("login").code == 64
    assert not desk.accounts.exists()
    assert not list(desk.keyring.iterdir())


def test_consent_is_missing_granted_and_refused(desk: Desk, mock: Mock) -> None:
    mock.withdraw_consents()
    needs_admin = desk("plan", "--auth", "browser", answer="no")
    assert needs_admin.code == 4
    assert "AADSTS90094" in needs_admin.text
    assert all(name in needs_admin.text for name in (*READ, "Application Administrator"))
    refused = desk("plan", "--auth", "browser", person=ADMIN, answer="no")
    assert "AADSTS65004" in refused.text, refused.text
    assert mock.requests == []
    granted = desk("plan", "--auth", "browser", person=ADMIN, answer="organization")
    assert granted.code == 0, granted.text
    assert desk("plan", "--auth", "browser").code == 0
    # The consent for plan is not enough to write.
    writes = desk("apply", "--auto-approve", "--auth", "browser", answer="no")
    assert (writes.code, "AADSTS90094" in writes.text) == (4, True)
    assert "`graphpolicy login --for apply`" in writes.text
    assert mock.configuration("Sms")["state"] == "enabled"


def test_the_tenant_is_that_of_whoever_signed_in(desk: Desk, mock: Mock) -> None:
    desk.give_keyring()
    (desk.shell.folder / "policies" / "contoso.yaml").unlink()
    (desk.shell.folder / "policies").rmdir()
    assert desk("pull", "--auth", "managed").code == 64
    assert f"id: {mock.tenant_id}" in desk("pull", "--auth", "browser").out
    assert desk("logout").code == 0
    assert mock.tenant_id in desk("login").out
    assert mock.tenant_id in desk("pull", "--auth", "browser").out
    assert desk.opened == 2


def test_a_command_asks_once_also_where_nothing_is_kept(desk: Desk, mock: Mock) -> None:
    (desk.shell.folder / "policies" / "contoso.yaml").unlink()
    (desk.shell.folder / "policies").rmdir()
    taken = "pull", "-o", "live.yaml", "--snapshot", "live.json"
    assert desk(*taken, "--auth", "browser").code == 0
    assert desk.opened == 1
    # The tenant is still remembered.
    made = desk("init", "repository", "--from-tenant", "--auth", "browser")
    assert made.code == 0, made.text
    assert mock.tenant_id in (desk.shell.folder / "live.yaml").read_text("utf-8")
    assert desk.opened == 2


def test_azure_clis_token_says_which_way_works(desk: Desk) -> None:
    asked = {"user": "policy.admin@contoso.com", "application": AZURE_CLI}
    answer = httpx.post(f"{desk.server.url}/_mock/tokens", json=asked).json()
    done = desk.shell("plan", env={"GRAPHPOLICY_ACCESS_TOKEN": answer["token"]})
    assert done.code == 4
    assert "--auth browser" in done.text
    assert "--client-id" in done.text


def test_an_app_of_ones_own(desk: Desk, mock: Mock) -> None:
    own = "12121212-0000-4000-8000-000000000000"
    mock.add_application(Application(own, "ours", scopes=READ, public=True))
    done = desk("doctor", "--auth", "browser", "--client-id", own)
    assert done.code == 0, done.text
    assert "through ours" in done.out
    assert desk("plan", "--client-id", "mine").code == 64


def test_doctor_says_what_apply_will_ask_a_person_for(desk: Desk, mock: Mock) -> None:
    mock.withdraw_consents()
    mock.consent(*READ)
    mock.assign_role("Authentication Policy Administrator", READER)
    done = desk("doctor", "--auth", "browser", "--format", "json")
    assert done.code == 0, done.text
    (tenant,) = json.loads(done.out)["tenants"]
    assert tenant["account"].startswith("not kept")
    asked = {each["permission"] for each in tenant["permissions"] if each["state"] == "asked"}
    assert "Policy.ReadWrite.AuthenticationMethod" in asked
    said = desk("doctor", "--auth", "browser").out
    assert "apply asks for Policy.ReadWrite.AuthenticationMethod at sign-in" in said


def test_drift_goes_on_without_the_audit_log_where_only_plan_was_consented_to(
    desk: Desk, mock: Mock
) -> None:
    mock.withdraw_consents()
    mock.consent(*READ)
    desk.give_keyring()
    assert desk("login").code == 0
    done = desk("drift", "--auth", "browser", answer="no")
    assert done.code == 2, done.text
    assert "without AuditLog.Read.All, Directory.Read.All" in done.err
    assert desk.opened == 1
    assert desk("apply", "--auto-approve", "--auth", "browser", answer="no").code == 4
    assert desk.opened == 2
