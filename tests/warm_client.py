"""Runs the command in a fork of `tests/warm.py` for scripts: `warm_client.py SOCKET …`.

It imports only what is built into Python: the standard modules take longer than a fork.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import marshal
import os
import sys

INTERRUPT, TERMINATE = 2, 15


def run(address: str, arguments: list[str]) -> int:
    """Act as the command, with this process's environment, folder, streams and signals."""
    asked = {"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109
    body = marshal.dumps({**asked, "settings": {}, "ahead": 0.0})
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect(address)
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)
    server.sendmsg([len(body).to_bytes(8, "big")], [rights])
    server.sendall(body)
    process = int.from_bytes(server.recv(8), "big")
    for number in (INTERRUPT, TERMINATE):
        _signal.signal(number, lambda sent, _: os.kill(process, sent))
    return int.from_bytes(server.recv(2), "big", signed=True)


sys.exit(run(sys.argv[1], sys.argv[2:]))
