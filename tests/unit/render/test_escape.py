"""Hostile text: what can't be seen is shown, and no output commands the agent that logs it."""

import html
import io
import json

import pytest
import yaml

from graphpolicy.cli.streams import JobLogStream
from graphpolicy.render.escape import contained, printable

COMMANDS = [
    "##vso[task.setvariable variable=BASH_ENV]./evil.sh",
    "name ##[command]evil",
    "##teamcity[buildStop]",
    "##\u00advso[task.complete]",
    "\x1b[1m##\x1b[0mvso[task.complete]",
    "::stop-commands::x",
    " \t::add-mask::x",
    "\u00a0::error::x",
    "\x1b[31m::error::x",
    "a\n::error file=a::b",
    "a\r::error::b",
    "section_start:1:x[collapsed=true]",
]


def commands(text: str) -> bool:
    plain = text.replace("\u00ad", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
    lines = plain.replace("\x1b[31m", "").replace("\r", "\n").split("\n")
    return any(
        word in line or line.strip().startswith("::")
        for line in lines
        for word in ("##[", "##vso[", "##teamcity[", "section_start:")
    )


@pytest.mark.parametrize("text", COMMANDS)
def test_no_output_commands_an_agent(text: str) -> None:
    assert commands(text)
    assert not commands(contained(text))
    assert contained(contained(text)) == contained(text)


@pytest.mark.parametrize("text", COMMANDS)
def test_pieces_command_no_more_than_the_whole(text: str) -> None:
    for size in (1, 2, 3):
        stream = JobLogStream(io.BytesIO(), "utf-8", newline="")
        for start in range(0, len(text), size):
            stream.write(text[start : start + size])
        stream.flush()
        assert not commands(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", COMMANDS)
def test_formats_keep_the_value(text: str) -> None:
    document = contained(json.dumps({"a": text}), "json")
    assert not commands(document)
    assert json.loads(document) == {"a": text}
    assert html.unescape(contained(f"<p>{text}", "html")) == f"<p>{text}"
    written = contained(yaml.dump({"a": text}, default_style='"'))
    assert yaml.safe_load(written) == {"a": text}


def test_our_annotations_are_commands_in_the_format_of_github_alone() -> None:
    line = "::error file=a.yaml,line=1,title=graphpolicy x::a ##vso\\x5bx]\n"
    assert contained(line, "github") == line
    assert contained(line) == line.replace("::", ":\\x3a", 1)
    assert contained("::stop-commands::x", "github") == ":\\x3astop-commands::x"


def test_ordinary_text_stays() -> None:
    for text in ("## [Page](a)", "Grüße: a::b", "# a", "12:30", "a\n\n  b: c\n"):
        assert contained(text) == text


@pytest.mark.parametrize(
    "character",
    "\u3164\u115f\uffa0\u034f\ufe0f\u180b\U000e0100\u2800\u00a0\u3000\u2028\u00ad\ue000",
)
def test_what_can_not_be_seen_is_shown(character: str) -> None:
    assert printable(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"


def test_what_can_be_seen_stays() -> None:
    for text in ("Grüße", "日本語", "🦊", "a b", "한글"):
        assert printable(text) == text
