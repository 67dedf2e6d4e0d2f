"""Commands that messages propose, as a person may paste them into sh, zsh or PowerShell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

_BARE = re.compile(r"[A-Za-z0-9_%+=:./-][A-Za-z0-9_@%+=:./-]*")
"""Words that every shell takes as they are; in PowerShell a comma splits a word in two."""
_SINGLE = "'\u2018\u2019\u201a\u201b"
"""What ends a text in single quotes, the curly ones in PowerShell alone."""
_DOUBLE = '"\u201c\u201d\u201e$`\\!'
"""What ends a text in double quotes, or means something in it."""


def quoted(word: str) -> str:
    """One word of a command, whatever is in it: names come from tenants and pull requests.

    If no quotes work in every shell, the word is quoted for sh, or becomes NAME where PowerShell
    would run a part of it.
    """
    if _BARE.fullmatch(word):
        return word
    if not set(word) & {*_SINGLE}:
        return f"'{word}'"
    if not set(word) & {*_DOUBLE}:
        return f'"{word}"'
    return "NAME" if set(word) & {*_SINGLE[1:]} else shlex.quote(word)


def joined(words: Iterable[str]) -> str:
    """A command line."""
    return " ".join(map(quoted, words))


def command(*arguments: str) -> str:
    """A command of ours in a sentence."""
    return f"`{joined(('graphpolicy', *arguments))}`"


def argument(word: str) -> tuple[str, ...]:
    """A name as an argument, where it could be taken for a flag."""
    return ("--", word) if word.startswith("-") else (word,)


def again(typed: Sequence[str], *flags: str) -> str:
    """The command that is running, with more flags."""
    end = typed.index("--") if "--" in typed else len(typed)
    return command(*typed[:end], *flags, *typed[end:])


def without(typed: Sequence[str], flag: str, drops: Callable[[str], bool]) -> tuple[str, ...]:
    """The words of a command, without each `flag` whose value is dropped."""
    end = typed.index("--") if "--" in typed else len(typed)
    kept: list[str] = []
    words = iter(typed[:end])
    for word in words:
        name, equals, value = word.partition("=")
        if name != flag:
            kept.append(word)
            continue
        given = [] if equals else [next(words, "")]
        if not drops(value if equals else given[0]):
            kept += [word, *given]
    return (*kept, *typed[end:])
