"""What a verb was given to read, and can't."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - an outcome with an exit code
    """A base or a snapshot that can't be had; `help` says what to do next."""

    exit_code = 1

    def __init__(self, text: str, help_: str) -> None:
        super().__init__(text)
        self.text = text
        self.help = help_
