"""What people have registered: the real command, the real SDK, and what the policy allows."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from graphpolicy.mock import Mock
from tests.shell import Shell, without_rules

MIA = "mia.lopez@contoso.com"
KOFI = "kofi.mensah@contoso.com"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"
NOBODY = "0d1c2b3a-0000-4000-8000-0000000000ee"


def listed(shell: Shell, *whom: str) -> list[dict[str, Any]]:
    done = shell("mfa", "list", *whom, "--format", "json")
    assert done.code == 0, done.text
    users: list[dict[str, Any]] = json.loads(done.out)["users"]
    return users


def by_label(user: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["label"]: each for each in user["methods"]}


def test_what_a_person_reads_fits_80_columns(shell: Shell) -> None:
    shell.environment["COLUMNS"] = "80"
    done = shell("mfa", "list", MIA)
    assert done.code == 0, done.text
    assert all(len(line) <= 80 for line in done.out.splitlines())
    for words in (
        "Mia Lopez (mia.lopez@contoso.com)",
        "mobile phone (default)   +1 XXXXXXXX00     yes      Sms, Voice",
        "alternate mobile phone",
        "signs in with the password and: mobile phone",
        "system-preferred multifactor authentication is on",
    ):
        assert words in done.out
    assert "2065550100" not in done.text


def test_types_that_one_version_alone_has_are_shown(shell: Shell, mock: Mock) -> None:
    (user,) = listed(shell, KOFI)
    assert {"hardware OATH token", "QR code", "external method"} <= by_label(user).keys()
    read = {r.path.split("/")[1] for r in mock.requests if r.path.endswith("/methods")}
    assert read == {"v1.0", "beta"}


def test_what_the_policy_no_longer_allows(shell: Shell, mock: Mock) -> None:
    mock.portal("Sms", {"state": "disabled"}, actor="somebody")
    exclude = [{"targetType": "group", "id": PILOT}]
    mock.portal("Voice", {"excludeTargets": exclude}, actor="somebody")
    (mia,) = listed(shell, MIA)
    found = by_label(mia)
    phone = found["mobile phone"]
    assert (phone["allowed"], phone["because"]) == (False, "Sms is off, excluded from Voice")
    assert found["Microsoft Authenticator"]["allowed"] is True
    assert mia["signsIn"] == {"alone": [], "second": ["Microsoft Authenticator"]}
    (noor,) = listed(shell, "noor.haddad@contoso.com")  # in the group through another one
    assert by_label(noor)["mobile phone"]["allowed"] is False
    assert noor["signsIn"] == {"alone": [], "second": []}


def test_a_type_of_tomorrow_is_shown(shell: Shell, mock: Mock) -> None:
    row = {"@odata.type": "#microsoft.graph.retinaScanAuthenticationMethod", "id": "r"}
    mock.add_fault(
        "status",
        method="GET",
        path_contains="/beta/users/0e5e0000-0000-4000-8000-000000000008/authentication/methods",
        status=200,
        body={"value": [row]},
    )
    (mia,) = listed(shell, MIA)
    found = by_label(mia)["unknown type retinaScanAuthenticationMethod"]
    assert (found["allowed"], found["use"]) == (None, "unknown")


def test_a_default_that_graph_does_not_tell_is_no_failure(shell: Shell, mock: Mock) -> None:
    mock.add_fault("status", path_contains="signInPreferences", status=404)
    (mia,) = listed(shell, MIA)
    assert (mia["default"], mia["defaultIsKnown"]) == (None, False)


def test_a_group_and_a_file(shell: Shell) -> None:
    users = listed(shell, "--group", "SG-MFA-Pilot-P")
    assert [each["userPrincipalName"] for each in users] == [MIA, "noor.haddad@contoso.com"]
    (shell.folder / "people.csv").write_bytes(
        f"\ufeffname;userPrincipalName\r\nMia;{MIA}\r\nMia;{MIA.upper()}\r\nNo;x@y.z\r\n".encode()
    )
    done = shell("mfa", "list", "--from", "people.csv", "-o", "people.json")
    assert (done.code, "x@y.z" in done.err) == (1, True)
    users = json.loads((shell.folder / "people.json").read_text(encoding="utf-8"))["users"]
    assert [bool(each["error"]) for each in users] == [False, True]
    assert shell("mfa", "list").code == 64


def test_a_spreadsheet_has_a_line_a_method(shell: Shell) -> None:
    (shell.folder / "people.txt").write_text(f"{MIA}\nreports@contoso.com\nx@y.z\n", "utf-8")
    done = shell("mfa", "list", "--from", "people.txt", "--format", "csv", "-o", "people.csv")
    assert done.code == 1, done.text
    assert (shell.folder / "people.csv").read_text("utf-8") == done.out
    rows = list(csv.DictReader(io.StringIO(done.out)))
    mia = {row["method"]: row for row in rows if row["userPrincipalName"] == MIA}
    assert (mia["mobile phone"]["which"], mia["mobile phone"]["default"]) == (
        "'+1 XXXXXXXX00",
        "yes",
    )
    assert mia["Microsoft Authenticator"]["allowed"] == "yes"
    assert any(row["userPrincipalName"] == "reports@contoso.com" for row in rows)
    (lost,) = (row for row in rows if row["userPrincipalName"] == "x@y.z")
    assert "no user" in lost["error"]


def test_a_hole_in_the_list_is_no_list(shell: Shell, mock: Mock) -> None:
    mock.add_fault("status", path_contains="/beta/users", status=403, times=None)
    done = shell("mfa", "list", MIA)
    assert (done.code, "not read" in done.out) == (4, True)
    assert "UserAuthenticationMethod.Read.All" in done.err


def test_a_group_that_nobody_is_in_is_told_by_name_and_id(shell: Shell, mock: Mock) -> None:
    mock.tenant().directory.add_group(NOBODY, "Leavers")
    shell.write("\n", "people.txt")
    wrong = []
    for verb in ("mfa", "tap"):
        for format_, empty in (("text", ""), ("json", []), ("csv", "")):
            if (verb, format_) == ("tap", "csv"):
                continue
            done = shell(verb, "list", "--group", "Leavers", "--format", format_, "-q")
            shown = json.loads(done.out)["users"] if format_ == "json" else ""
            told = all(word in done.err for word in ("'Leavers'", NOBODY, "has no people"))
            if (done.code, shown, told) != (0, empty, True):
                wrong.append((verb, format_, done.code, done.text))
        done = shell(verb, "list", "--from", "people.txt")
        if (done.code, "names nobody" in done.err) != (64, True):
            wrong.append((verb, "file", done.code, done.text))
    assert wrong == []


def test_a_reset_that_reaches_nobody_is_no_success(shell: Shell, mock: Mock) -> None:
    without_rules(shell)
    mock.tenant().directory.add_group(NOBODY, "Leavers")
    for whom, flag in (("Leavers", "--auto-approve"), (NOBODY, "--dry-run")):
        done = shell("mfa", "reset", "--group", whom, "--format", "json", flag)
        said = json.loads(done.out)
        assert (done.code, said["exit_code"], said["users"]) == (1, 1, []), done.text
        for words in ("nobody was reset", "'Leavers'", NOBODY):
            assert words in said["error"]["message"]
            assert words in done.err
