"""Texts that a team writes: whole or refused, with the file and line of every mistake."""

from __future__ import annotations

import pytest

from graphpolicy.announce.texts import FILES, default_files, read

HEAD = "[subject]\nWhat changes when you sign in\n"


def changed(old: str, new: str, file: str = "message.txt") -> dict[str, str]:
    files = default_files()
    assert old in files[file]
    return {**files, file: files[file].replace(old, new)}


def test_the_defaults_are_whole_and_sound() -> None:
    texts, mistakes = read(default_files())
    assert mistakes == []
    assert texts.fill("subject") == "What changes when you sign in"


def test_a_text_of_ones_own_is_taken_with_its_places_filled_in() -> None:
    texts, mistakes = read(
        changed(HEAD, "[subject]\nNeu bei $tenant:\n# nicht dies\nAnmeldung, $$5\n")
    )
    assert mistakes == []
    assert texts.of("Contoso").fill("subject") == "Neu bei Contoso: Anmeldung, $5"


MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "a missing file": (
        {name: text for name, text in default_files().items() if name != "picture.txt"},
        "picture.txt: the file is missing",
    ),
    "a missing entry": (changed(HEAD, ""), "message.txt: the entry [subject] is missing"),
    "a name that nothing fills in": (
        changed(HEAD, "[subject]\nFrom $dat on\n"),
        "message.txt:8: [subject] has an unknown $dat; use one of $tenant",
    ),
    "a name that stands for something elsewhere": (
        changed(
            "You can sign in with a passkey or a security key.",
            "On $date: a passkey.",
            "methods.txt",
        ),
        (
            "[Fido2: on] has an unknown $date; "
            "use one of $after, $before, $method, $security_info, $tenant"
        ),
    ),
    "a dollar alone": (
        changed(HEAD, "[subject]\nWin 5$\n"),
        "message.txt:8: [subject] has a $ without a name; write $$ for a dollar sign",
    ),
    "an unknown entry": (
        changed(HEAD, f"{HEAD}[subjekt]\nNeu\n"),
        "message.txt:10: unknown entry [subjekt]; did you mean [subject]?",
    ),
    "an entry of another file": (
        changed(HEAD, f"{HEAD}[picture title]\nx\n"),
        "message.txt:10: unknown entry [picture title]; it belongs in picture.txt",
    ),
    "an entry twice": (
        changed(HEAD, f"{HEAD}{HEAD}"),
        "message.txt:10: [subject] is a duplicate",
    ),
    "an empty entry": (
        changed(HEAD, "[subject]\n# to do\n"),
        "message.txt:8: [subject] has no text",
    ),
    "text without an entry": (
        {**default_files(), "message.txt": f"Dear all\n{default_files()['message.txt']}"},
        "message.txt:1: text before the first [NAME]",
    ),
}


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_has_its_file_and_line(case: tuple[dict[str, str], str]) -> None:
    files, wanted = case
    _, mistakes = read(files)
    assert len(mistakes) == 1
    assert mistakes[0].endswith(wanted)


def test_all_mistakes_are_told_at_once() -> None:
    _, mistakes = read(changed(HEAD, "[subject]\n$a and $b\n[x]\ny\n") | {"helpdesk.txt": ""})
    assert len([each for each in mistakes if each.startswith("message.txt:")]) == 3
    assert len([each for each in mistakes if each.startswith("helpdesk.txt: the entry")]) > 3


def test_whatever_the_bytes_reading_ends_in_words() -> None:
    for text in ("", "[", "[]", "[a]\n[b]", "\x00", "[subject]\n${", "é" * 10_000):
        _, mistakes = read(dict.fromkeys(FILES, text))
        assert mistakes
