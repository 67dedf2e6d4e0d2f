"""Every command that the package proposes exists, and names in them stay names."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

import click
from hypothesis import given, strategies as st

from graphpolicy.cli.verbs import cli
from graphpolicy.model.command import again, command, joined, quoted
from tests.source import PACKAGE, parsed

FILLED = {"RULE": "weak-method-enabled", "DATE": "2026-12-01", "SNAPSHOT": "s.json", "SHELL": "zsh"}
"""What stands for a name in capitals, where not just any word will do."""


def proposals() -> Iterator[tuple[str, str]]:
    """The place of a command in the package, and its words."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "mock" in path.parts:
            continue
        name = path.relative_to(PACKAGE)
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Constant | ast.JoinedStr | ast.Call):
                continue
            where, text = f"{name}:{node.lineno}", _text(node)
            yield from ((where, words) for words in re.findall(r"`graphpolicy ([^`]+)`", text))
            if _called(node) == "command" and isinstance(node, ast.Call):
                words = [_text(one) or "NAME" for one in node.args if not _many(one)]
                if not _many(node.args[0]):
                    yield where, " ".join(words)
    for table in ("rules/rules.json", "catalogue/facts.json"):
        text = (PACKAGE / table).read_text(encoding="utf-8")
        yield from ((table, words) for words in re.findall(r"`graphpolicy ([^`]+)`", text))
    for folder in ("starter", "announce"):
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in (".md", ".txt", ".yml", ".yaml"):
                text = path.read_text(encoding="utf-8")
                yield from (
                    (path.name, words) for words in re.findall(r"`graphpolicy ([^`]+)`", text)
                )


def _many(node: ast.expr) -> bool:
    """Whether an argument stands for words that only a run knows; `argument()` is one word."""
    return isinstance(node, ast.Starred) and _called(node.value) != "argument"


def _called(node: ast.AST) -> str:
    """The name of the function that is called; '' for anything else."""
    return str(getattr(getattr(node, "func", None), "id", ""))


def _text(node: ast.AST) -> str:
    """A text with NAME in place of what is filled in; '' for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "NAME" for part in node.values)
    return ""


def problem(words: str) -> str:
    """Why the command line has no such command; '' if it has it."""
    arguments = [FILLED.get(word, word) for word in shlex.split(words)]
    arguments = [  # what is written needs a suffix
        "plan.json" if before == "-o" else word
        for before, word in zip(["", *arguments], arguments, strict=False)
    ]
    found: click.Command = cli
    context = click.Context(cli)
    try:
        while isinstance(found, click.Group) and arguments:
            name, *arguments = arguments
            if name in ("--version", "--help"):
                return ""
            below = found.get_command(context, name)
            if below is None:
                return f"there is no {name}"
            found, context = below, click.Context(below, parent=context)
        if not isinstance(found, click.Group):
            found.make_context(found.name, arguments, parent=context.parent)
    except click.UsageError as error:
        return error.format_message()
    except click.exceptions.Exit:  # it shows its help
        return ""
    return ""


def test_every_proposed_command_is_one_that_there_is() -> None:
    found = set(proposals())
    assert len(found) > 50  # or the search is broken
    assert [(where, words, why) for where, words in sorted(found) if (why := problem(words))] == []


def test_a_command_that_there_is_not_would_be_found() -> None:
    for words in ("aply", "plan --overide", "pull --from", "tap", "tap isue NAME", "tap issue"):
        assert bool(problem(words)) == (words != "tap"), words


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(NAMES))
def test_a_posix_shell_reads_the_words_that_were_meant(words: list[str]) -> None:
    read = shlex.split(joined(words))
    curly = "\u2018\u2019\u201a\u201b"
    assert len(read) == len(words)
    assert all(
        one == meant or (one == "NAME" and {*curly} & {*meant})
        for one, meant in zip(read, words, strict=True)
    )


@given(NAMES)
def test_powershell_reads_one_word_and_runs_nothing_of_it(word: str) -> None:
    """By its rules (about_Quoting_Rules): what is in single quotes is text, curly ones count too;
    in double quotes $ and ` mean something; bare, a comma makes a list, @ splats.
    """
    text = quoted(word)
    single, double = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
    if text[:1] == "'" and not set(text[1:-1]) & {*single}:
        assert text[1:-1] == word
    elif text[:1] == '"':
        assert text[1:-1] == word
        assert not set(word) & {*double, "$", "`"}
    elif text[:1] != "'":
        assert text in (word, "NAME")
        assert re.fullmatch(r"[\w%+=:./-][\w@%+=:./-]*", text, re.ASCII)
    else:  # both kinds of quotes: words of text and no more
        assert re.fullmatch(r"""('[^'\u2018-\u201b]*'|"'")+""", text)


def test_flags_are_added_before_what_is_no_flag() -> None:
    assert again(("apply", "--", "-x.yaml"), "--allow", "a") == command(
        "apply", "--allow", "a", "--", "-x.yaml"
    )
