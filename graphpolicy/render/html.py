"""The frame of a self-contained HTML page: no script, font or picture is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="soft">{origin}</p>
</header>
<main>
"""
FOOT = "</main>\n<footer>{origin}</footer>\n</body>\n</html>\n"


def page(title: str, parts: Iterable[str], origin: str = "") -> str:
    """A whole page; `title` and `origin` are HTML already."""
    css = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    head = HEAD.format(title=title, css=css, origin=origin)
    return "".join((head, *parts, FOOT.format(origin=origin)))
