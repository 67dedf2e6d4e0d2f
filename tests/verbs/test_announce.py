"""announce: from a saved plan and from the tenant, in every format, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.render import formats
from tests.example import write_example
from tests.shell import Shell, policy

SMS_OFF = policy("Sms:\n  state: disabled")
QUIET = policy("Sms:\n  state: enabled")
WEAK = policy(
    "MicrosoftAuthenticator:\n  state: disabled\nSms:\n  state: disabled\n"
    "Voice:\n  state: disabled\nSoftwareOath:\n  state: disabled"
)


@pytest.fixture
def starter(shell: Shell) -> Shell:
    """A shell in the repository of the tour, whose change ends phone calls."""
    write_example(shell.folder)
    return shell


def test_a_saved_plan_and_one_made_now_say_the_same(starter: Shell, mock: Mock) -> None:
    assert starter("plan", "-q", "-o", "plan.json").code == 0
    live = starter("announce", "--on", "2026-12-01")
    asked = len(mock.requests)
    saved = starter("announce", "--plan", "plan.json", "--on", "2026-12-01")
    assert (live.code, saved.code) == (0, 0)
    assert saved.out == live.out
    assert len(mock.requests) == asked
    assert not [each for each in mock.requests if each.method != "GET"]
    for words in (
        "From 2026-12-01",
        "For SG-MFA-Pilot-P",
        "names the application that you sign in to",
        "What not to approve",
        "Temporary Access Pass",
        "no longer confirm a sign-in by answering a phone call",
        "Note for the helpdesk",
    ):
        assert words in " ".join(live.out.split())


FORMATS = {
    "a.md": "markdown",
    "a.json": "json",
    "a.txt": "text",
    "a.html": "html",
    "a.svg": "svg",
}
FILES = {name: format_ for name, format_ in FORMATS.items() if format_ in formats("Announcements")}


@pytest.mark.parametrize(
    "printed",
    [["a.md"], pytest.param([*FILES], marks=pytest.mark.deep)],  # one writer for all formats
)
def test_every_format_at_once(starter: Shell, printed: list[str]) -> None:
    flags = [part for name in FILES for part in ("-o", name)]
    done = starter("announce", *flags)
    assert (done.code, done.out) == (0, "")
    for name, format_ in FILES.items():
        text = (starter.folder / name).read_text("utf-8")
        apart = format_ not in ("json", "svg")
        assert text.endswith("\n")
        note = starter.folder / name.replace(".", ".helpdesk.")
        assert note.exists() == apart
        if name not in printed:
            continue
        only = ("--only", "message") if apart else ()
        assert text == starter("announce", "-q", "--format", format_, *only).out
        if apart:
            said = starter("announce", "-q", "--format", format_, "--only", "note").out
            assert note.read_text("utf-8") == said
    document: Any = json.loads((starter.folder / "a.json").read_text("utf-8"))
    assert document["announcements"][0]["when"] == "Soon"


def test_what_changes_nothing_that_people_see_says_so(shell: Shell) -> None:
    shell.write(QUIET)
    done = shell("announce")
    assert done.code == 0
    assert "This plan changes nothing that people can see." in done.out


def test_a_plan_that_is_refused_is_not_announced(shell: Shell) -> None:
    shell.write(WEAK)
    shell("plan", "-q", "-o", "plan.json")
    for flags in ((), ("--plan", "plan.json")):
        done = shell("announce", *flags, "--format", "json")
        assert done.code == 6
        assert "contoso: the plan is refused" in done.err
        (only,) = json.loads(done.out)["announcements"]
        assert only["error"]["code"] == "refused"
    assert shell("announce").out == ""
    done = shell("announce", "--plan", "plan.json", "-o", "a.md", "-o", "a.json")
    assert (done.code, done.out) == (6, "")
    assert sorted(each.name for each in shell.folder.glob("a.*")) == []
    shell.write(policy("Sms: {state: disabled}\nVoice: {state: disabled}"))
    locked_out = shell("announce", "--impact")
    assert locked_out.code == 6
    assert "`graphpolicy plan --impact`" in locked_out.err


def test_files_with_errors_are_an_answer_in_json_and_no_letter(shell: Shell) -> None:
    shell.write(policy("Sms: {stat: disabled}"))
    done = shell("announce", "--format", "json")
    assert done.code == 1
    assert "error[unknown-setting]" in done.err
    document = json.loads(done.out)
    assert document["announcements"] == []
    assert [each["rule"] for each in document["findings"]] == ["unknown-setting"]
    for flags in (("--format", "html"), ("--format", "svg"), ("-o", "a.md"), ("-o", "a.json"), ()):
        done = shell("announce", *flags)
        assert (done.code, done.out) == (1, "")
        assert done.err.count("error[unknown-setting]") == 1
    assert list(shell.folder.glob("a.*")) == []


def test_a_plan_of_another_format_is_exit_3(shell: Shell) -> None:
    (shell.folder / "plan.json").write_text('{"format_version": "2"}', encoding="utf-8")
    done = shell("announce", "--plan", "plan.json")
    assert done.code == 3
    assert "format_version is '2'" in done.err


def test_a_tenant_that_can_not_be_read_is_exit_4(shell: Shell, mock: Mock) -> None:
    shell.write(SMS_OFF)
    mock.add_fault("status", method="GET", status=403)
    done = shell("announce")
    assert (done.code, done.out) == (4, "")
    assert "contoso: Graph refused GET" in done.err


def test_without_credentials_from_a_snapshot(shell: Shell) -> None:
    shell.write(SMS_OFF)
    assert shell("pull", "--snapshot", "tenant.json").code == 0
    live = shell("announce")
    shell.environment.pop("GRAPHPOLICY_ACCESS_TOKEN")
    done = shell("announce", "--against", "tenant.json")
    assert (done.code, done.out) == (0, live.out)


def test_a_team_has_its_own_texts(shell: Shell) -> None:
    shell.write(SMS_OFF)
    done = shell("announce", "--write-templates", "texts")
    assert (done.code, done.out) == (0, "")
    assert "wrote texts" in done.err
    file = shell.folder / "texts" / "message.txt"
    text = file.read_text("utf-8")
    german = text.replace("What you will see", "Was Sie sehen werden").replace(
        "everyone\n", "alle\n"
    )
    file.write_text(german, encoding="utf-8")
    done = shell("announce", "--templates", "texts")
    assert done.code == 0
    assert "Was Sie sehen werden" in done.out
    assert "For alle" in done.out
    again = shell("announce", "--write-templates", "texts")
    assert again.code == 0
    assert "message.txt already exists" in again.err
    assert file.read_text("utf-8") == german
    file.write_text(german.replace("$date", "$day"), encoding="utf-8")
    (shell.folder / "texts" / "picture.txt").unlink()
    done = shell("announce", "--templates", "texts")
    assert (done.code, done.out) == (1, "")
    line = german.splitlines().index("[when]") + 1
    assert f"message.txt:{line}: [when] has an unknown $day" in done.err
    assert "picture.txt: the file is missing" in done.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--on", "1 December"), "is not a date: write it as 2026-12-01"),
        (("--on", "2026-02-30"), "is not a date"),
        (("--on", "2026-12-1"), "is not a date"),
        (("--plan", "plan.json", "policies"), "--plan is already a plan"),
        (("--plan", ""), "the value is empty"),
        (("-o", "a.sarif"), "the suffix must be one of"),
        (("--only", "people"), "'message', 'note'"),
    ],
)
def test_what_is_asked_wrongly_is_exit_64(
    flags: tuple[str, ...], words: str, shell: Shell, mock: Mock
) -> None:
    shell.write(SMS_OFF)
    done = shell("announce", *flags)
    assert done.code == 64
    assert words in done.err
    assert mock.requests == []


def test_one_part_alone(shell: Shell) -> None:
    shell.write(SMS_OFF)
    message = shell("announce", "--only", "message").out
    note = shell("announce", "--only", "note").out
    assert shell("announce", "--only", "note", "-o", "note.txt").code == 0
    assert [each.name for each in shell.folder.glob("note*")] == ["note.txt"]
    assert (shell.folder / "note.txt").read_text("utf-8") == note
    assert message.startswith("What changes when you sign in\n")
    assert "helpdesk: what" not in message
    assert note.startswith("Note for the helpdesk")


def test_words_that_staff_understand(starter: Shell) -> None:
    """In the message a group has the words of the policy; the note has its own name as well."""
    words = 'announce: {audiences: {SG-MFA-Pilot-P: "the pilot group"}}\n'
    plain = starter("announce", "--only", "message")
    assert "warning[audience-without-words]" in plain.err
    assert "SG-MFA-Pilot-P" in plain.err
    assert starter("announce", "--only", "note").err == ""
    base = starter.folder / "policies" / "baseline.yaml"
    base.write_text(base.read_text("utf-8") + words, encoding="utf-8")
    done = starter("announce", "--only", "message")
    assert done.code == 0
    assert "For the pilot group" in done.out
    assert "SG-MFA-Pilot-P" not in done.text
    own = starter.folder / "policies" / "contoso.yaml"
    own.write_text(own.read_text("utf-8") + words.replace("the pilot", "our pilot"), "utf-8")
    live = starter("announce", "--format", "json")
    assert starter("plan", "-q", "-o", "plan.json").code == 0
    saved = starter("announce", "--plan", "plan.json", "--format", "json")
    assert saved.out == live.out
    document: Any = json.loads(live.out)
    people = [each["people"] for each in document["announcements"][0]["sections"]]
    assert {"our pilot group": "SG-MFA-Pilot-P"} in [each.get("groups") for each in people]
    assert "SG-MFA-Pilot-P" not in document["announcements"][0]["message"]
    assert "our pilot group (SG-MFA-Pilot-P)" in " ".join(
        document["announcements"][0]["note"].split()
    )


def test_who_must_register_something_is_told_what_and_by_when(shell: Shell) -> None:
    """The helpdesk gets the numbers; a plan saved with them says the same."""
    accepted = (
        "acknowledge: [{rule: lockout, atMost: 1, reason: CHG1, owner: a@b.c, "
        "expires: 2099-12-31}]\n"
    )
    methods = "Fido2: {state: enabled}\nSms: {state: disabled}\nVoice: {state: disabled}"
    shell.write(policy(methods) + accepted)
    done = shell("announce", "--impact", "--on", "2099-02-01", "--format", "json")
    assert done.code == 0
    [made] = json.loads(done.out)["announcements"]
    said = " ".join(made["message"].split())
    assert "(https://aka.ms/mysecurityinfo) before 2099-02-01: Passkey (FIDO2)." in said
    assert "People who lose a method that they have set up: 3" in " ".join(made["note"].split())
    assert shell("plan", "--impact", "-q", "-o", "plan.json").code == 0
    saved = shell("announce", "--plan", "plan.json", "--on", "2099-02-01", "--format", "json")
    assert saved.out == done.out
    assert "before 2099" not in " ".join(shell("announce", "--on", "2099-02-01").out.split())
    # The methods that the files leave on are not in the plan: the page shows them.
    shell.write(policy(methods.partition("\n")[2]) + accepted)
    bare = shell("announce", "--impact", "--on", "2099-02-01", "--only", "message")
    assert "(https://aka.ms/mysecurityinfo) before 2099-02-01." in " ".join(bare.out.split())
