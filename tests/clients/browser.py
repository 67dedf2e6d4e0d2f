"""A headless Chromium over its DevTools pipe: what a person sees of a page."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PROGRAM = next((path for path in map(shutil.which, NAMES) if path), None)
WIRED = """
import os, sys
reads, writes = (os.dup(int(each)) for each in sys.argv[1:3])
for own, wanted in ((os.dup2(reads, 40), 3), (os.dup2(writes, 41), 4)):
    os.dup2(own, wanted)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads from descriptor 3 and writes to 4."""

LONGEST = 120
"""Seconds after which a page's browser is stopped, so that no read waits for ever."""


class Browser:
    """One browser with one page, with scripts turned off."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM, f"there is no Chromium: install one of {', '.join(NAMES)}"
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-lcd-text",
        )
        command = [PROGRAM, *flags, f"--user-data-dir={folder}", "--remote-debugging-pipe"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", WIRED, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._watch = Timer(0, self._process.kill)
        self._wait()
        self._rest, self._count, self._session = b"", 0, ""
        self.asked: list[str] = []
        """Every address that the page asked for."""
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        self._ask("Page.enable", {})
        self._ask("Network.enable", {})
        self._ask("Emulation.setScriptExecutionDisabled", {"value": True})
        self.size(1200, 900)

    def _wait(self) -> None:
        self._watch.cancel()
        self._watch = Timer(LONGEST, self._process.kill)
        self._watch.start()

    def close(self) -> None:
        self._watch.cancel()
        self._process.kill()
        self._process.communicate()
        os.close(self._in)
        os.close(self._out)

    def open(self, file: Path) -> None:
        """Load a page and wait until it is shown."""
        self._wait()
        self.asked.clear()
        self._ask("Page.navigate", {"url": file.as_uri()})
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", metrics)

    def media(self, media: str = "screen", scheme: str = "light") -> None:
        """Emulate print, or the dark colour scheme."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def value(self, expression: str) -> Any:
        """The value of an expression, evaluated from outside the page."""
        asked = {"expression": expression, "returnByValue": True}
        return self._ask("Runtime.evaluate", asked)["result"].get("value")

    def tags(self) -> str:
        """The names of all elements of the page, in order."""
        return str(self.value("[...document.querySelectorAll('*')].map(e => e.tagName).join(' ')"))

    def click(self, selector: str) -> None:
        """Press the mouse on an element."""
        spot = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView(); const r = e.getBoundingClientRect();"
            " return [r.x + 10, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            at = {"type": kind, "x": spot[0], "y": spot[1], "button": "left", "clickCount": 1}
            self._ask("Input.dispatchMouseEvent", at)

    def picture(self, file: Path, size: tuple[int, int] | None = None, scale: float = 1) -> None:
        """The whole page as a PNG, or so much of it from the top left, smaller by `scale`."""
        wanted: dict[str, Any] = {"captureBeyondViewport": True}
        if size:
            wanted["clip"] = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": scale}
        shot = self._ask("Page.captureScreenshot", wanted)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._count += 1
        number = self._count
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._in, 65536)
            assert more, "the browser has ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(message["params"]["request"]["url"])
        return message
