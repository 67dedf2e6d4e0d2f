"""A client of yaml-language-server, as far as an editor asks about a policy file."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

PROGRAM = Path(__file__).parent / "editor/node_modules/.bin/yaml-language-server"
SETTINGS = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
CURSOR = "¦"
LONGEST = 240
"""Seconds after which the server is stopped, so that no read waits for ever."""


@dataclass(frozen=True)
class Proposal:
    """One entry of a completion."""

    label: str
    about: str
    text: str


class LanguageServer:
    """One server for the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [PROGRAM, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._watch = Timer(LONGEST, self._process.kill)
        self._watch.start()
        text = {
            "completion": {"completionItem": {"documentationFormat": ["plaintext"]}},
            "publishDiagnostics": {},
        }
        can = {"workspace": {"configuration": True}, "textDocument": text}
        start = {"processId": None, "rootUri": folder.as_uri(), "capabilities": can}
        self._ask("initialize", start)
        self._tell("initialized", {})

    def close(self) -> None:
        self._watch.cancel()
        self._process.kill()
        self._process.communicate()

    def proposals(self, text: str) -> dict[str, Proposal]:
        """What is proposed at the cursor, by label."""
        answer = self._at_cursor("completion", text)
        found = [
            Proposal(i["label"], _plain(i.get("documentation")), _new(i)) for i in answer["items"]
        ]
        return {proposal.label: proposal for proposal in found}

    def hover(self, text: str) -> str:
        """What is shown over the cursor."""
        answer = self._at_cursor("hover", text)
        return _plain(answer["contents"]) if answer else ""

    def diagnostics(self, text: str) -> list[tuple[int, str]]:
        """What is underlined, as (severity, message): 1 is an error, 2 a warning."""
        uri = self._open(text)
        while True:
            message = self._read()
            about = message.get("params", {})
            if "diagnostics" in about and about["uri"] == uri:
                return [(item["severity"], item["message"]) for item in about["diagnostics"]]

    def _at_cursor(self, what: str, text: str) -> Any:
        before, _, after = text.partition(CURSOR)
        place = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        document = {"uri": self._open(before + after)}
        return self._ask(f"textDocument/{what}", {"textDocument": document, "position": place})

    def _open(self, text: str) -> str:
        self._count += 1
        uri = (self._folder / f"{self._count}.yaml").as_uri()
        item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": item})
        return uri

    def _ask(self, method: str, params: Any) -> Any:
        self._count += 1
        id_ = self._count
        self._send({"id": id_, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == id_ and "method" not in message:
                return message["result"]

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(raw), raw))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """The next message; requests of the server are answered meanwhile."""
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            assert line, "the language server is gone"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if "id" in message and "method" in message:
            asked = message["params"].get("items", ()) if "params" in message else ()
            own = [SETTINGS if item.get("section") == "yaml" else {} for item in asked]
            self._send({"id": message["id"], "result": own or None})
        return message


def _plain(text: Any) -> str:
    """Text without the escapes of Markdown."""
    return re.sub(r"\\(\W|_)", r"\1", text["value"] if isinstance(text, dict) else text or "")


def _new(item: dict[str, Any]) -> str:
    return str(item.get("textEdit", {}).get("newText") or item.get("insertText", ""))
