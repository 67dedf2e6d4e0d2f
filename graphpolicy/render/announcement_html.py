"""An announcement as an HTML mail: only tables and inline styles, as mail programs need.

Outlook on Windows renders mail with Word, and most programs drop SVG and pictures from elsewhere.
So the prompt is drawn from table cells: it is seen wherever the text is, nothing is loaded, and a
screen reader reads the words in it. All colours are given together with their background, so that
a mail program in dark mode changes both or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from graphpolicy.announce import Picture
from graphpolicy.announce.texts import SECURITY_INFO, Texts
from graphpolicy.render import Style
from graphpolicy.render.announce import (
    Announcements,
    Drawn,
    LetterBlock,
    messages as blocks,
)
from graphpolicy.render.blocks import Code, Heading, Items, Line
from graphpolicy.render.escape import short

INK, SOFT, PAPER, SHADE = "#1b1f24", "#57606a", "#ffffff", "#eef1f4"
GROUND, LINE, ACCENT, LAND, PIN = "#f3f5f7", "#c9d1d9", "#0550ae", "#d9ead3", "#b3151f"
FONT = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
TABLE = '<table role="presentation" border="0" cellpadding="0" cellspacing="0"'

HEAD = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="supported-color-schemes" content="light">
<title>{title}</title>
</head>
<body style="margin:0;padding:0;background-color:{ground}" bgcolor="{ground}">
"""
FOOT = "</body>\n</html>\n"


def _size(size: int, line: int, colour: str, weight: int = 400) -> str:
    """The style of a text. Each element gets it, since Outlook inherits nothing into tables."""
    return f"{FONT};font-size:{size}px;line-height:{line}px;color:{colour};font-weight:{weight}"


HEADINGS = {
    1: f"margin:0 0 8px;{_size(24, 30, INK, 600)}",
    2: f"margin:28px 0 0;padding:0 0 6px;border-bottom:2px solid {ACCENT};"
    + _size(19, 26, INK, 600),
    3: f"margin:18px 0 6px;{_size(15, 22, ACCENT, 600)}",
}
"""The style of a heading, by its level."""

LEAD = f"margin:0;{_size(15, 22, SOFT)}"
SENTENCE = f"margin:14px 0 0;{_size(15, 22, INK)}"
ITEM = f"padding:0 0 6px;{_size(15, 22, INK)}"
CODE = "font-family:Consolas,Menlo,monospace;font-size:12px;line-height:18px"


def render(draft: Announcements, style: Style) -> str:
    """Every letter in one page, each on a sheet of its own."""
    found = list(blocks(draft))
    if not found:
        return ""
    title = next(block.text for block in found[0] if isinstance(block, Heading))
    head = HEAD.format(
        title=_text(title), ground=GROUND, language=_text(draft.texts.fill("language"))
    )
    return head + "".join(_sheet(letter, draft.texts) for letter in found) + FOOT


def _sheet(letter: Sequence[LetterBlock], texts: Texts) -> str:
    return (
        f'{TABLE} width="100%" bgcolor="{GROUND}" style="background-color:{GROUND}"><tr>'
        '<td align="center" style="padding:20px 10px">\n'
        f'{TABLE} width="640" bgcolor="{PAPER}" style="width:100%;max-width:640px;'
        f'background-color:{PAPER};border:1px solid {LINE}"><tr>'
        f'<td style="padding:28px 28px 32px;{FONT}" align="left">\n'
        f"{''.join(_parts(letter, texts))}</td></tr></table>\n</td></tr></table>\n"
    )


def _parts(letter: Sequence[LetterBlock], texts: Texts) -> Iterator[str]:
    for block in letter:
        match block:
            case Drawn():
                yield _pair(block.picture, texts)
                yield f'<p style="margin:10px 0 0;{_size(13, 19, SOFT)}">'
                yield f"{_text(block.description)}</p>\n"
            case Items() | Code():
                yield _list(block.lines, texts, code=isinstance(block, Code))
            case Heading(level=level):
                yield f'<h{level} style="{HEADINGS[level]}">{_text(block.text)}</h{level}>\n'
            case Line(soft=soft):
                style = LEAD if soft else SENTENCE
                yield f'<p style="{style}">{_text(block.text)}</p>\n'


def _list(lines: Sequence[str], texts: Texts, *, code: bool) -> str:
    """Items as rows of a table, since Outlook sets the margins of lists differently."""
    rows = []
    for line in lines:
        text = f'<span style="{CODE}">{_text(line)}</span>' if code else _linked(line, texts)
        rows.append(
            f'<tr role="listitem"><td width="18" valign="top" style="{ITEM}" aria-hidden="true">'
            "&bull;</td>"
            f'<td valign="top" style="{ITEM};word-break:break-word">{text}</td></tr>\n'
        )
    table = TABLE.replace("presentation", "list")
    return f'{table} width="100%" style="margin:6px 0 0">\n{"".join(rows)}</table>\n'


def _linked(line: str, texts: Texts) -> str:
    """A sentence in which the Security info page is a link."""
    page = _text(texts.security_info_name)
    link = f'<a href="{SECURITY_INFO}" style="color:{ACCENT}">{page}</a>'
    return link.join(map(_text, line.split(texts.security_info)))


def _pair(picture: Picture, texts: Texts) -> str:
    """Both phones beside each other, an arrow between them."""
    new = picture.after - picture.before
    cell = '<td valign="top" align="center" width="46%">'
    arrow = f'<td valign="middle" align="center" width="8%" style="{_size(24, 28, ACCENT)}">'
    return (
        f'{TABLE} width="100%" style="margin:8px 0 0"><tr>\n'
        f"{cell}{_phone('before', picture.before, frozenset(), texts)}</td>\n"
        f"{arrow}&rarr;</td>\n"
        f"{cell}{_phone('after', picture.after, new, texts)}</td>\n</tr></table>\n"
    )


def _phone(side: str, parts: frozenset[str], new: frozenset[str], texts: Texts) -> str:
    rows = [_row(texts.fill("prompt title"), _size(15, 20, INK, 600))]
    for name, draw in DRAWN.items():
        if name in parts:
            rows.append(_framed(draw(texts), texts.fill("picture new") if name in new else ""))
    rows.append(_button(texts.fill("prompt yes"), PAPER, ACCENT))
    rows.append(_button(texts.fill("prompt no"), INK, PAPER))
    return (
        f'<p style="margin:0 0 6px;{_size(13, 18, SOFT)}">'
        f"{_text(texts.fill(f'picture {side}'))}</p>\n"
        f'{TABLE} width="100%" bgcolor="{PAPER}" style="max-width:250px;background-color:{PAPER};'
        f'border:4px solid {INK};border-radius:22px;border-collapse:separate"><tr>'
        f'<td style="padding:16px 12px">\n{TABLE} width="100%">\n{"".join(rows)}</table>\n'
        "</td></tr></table>\n"
    )


def _row(text: str, style: str) -> str:
    return f'<tr><td align="center" style="padding:4px 2px 8px;{style}">{_text(text)}</td></tr>\n'


def _framed(inner: str, badge: str) -> str:
    """A part of the prompt; what is new has a frame, and a word that says so."""
    colour = ACCENT if badge else PAPER
    word = (
        f'<p align="right" style="margin:0 0 4px;{_size(11, 14, ACCENT, 600)}">{_text(badge)}</p>\n'
        if badge
        else ""
    )
    return (
        '<tr><td style="padding:4px 0">\n'
        f'{TABLE} width="100%" style="border:2px solid {colour};border-radius:10px;'
        f'border-collapse:separate"><tr><td style="padding:6px">\n{word}{inner}</td></tr></table>\n'
        "</td></tr>\n"
    )


def _number(texts: Texts) -> str:
    cell = (
        f'<td align="center" width="34" height="34" style="border:2px solid {LINE};'
        f'{_size(18, 24, INK, 600)}">'
    )
    return (
        f'<p align="center" style="margin:0 0 6px;{_size(13, 18, INK)}">'
        f"{_text(texts.fill('prompt enter'))}</p>\n"
        f'{TABLE} align="center"><tr>{cell}4</td><td width="6">&nbsp;</td>{cell}2</td></tr>'
        "</table>\n"
    )


def _application(texts: Texts) -> str:
    return _named(texts, "application", SHADE)


def _map(texts: Texts) -> str:
    pin = (
        f'{TABLE} width="100%" bgcolor="{LAND}" style="background-color:{LAND}"><tr>'
        f'<td align="center" height="58" style="{_size(26, 30, PIN)}" '
        'aria-hidden="true">&#9679;</td></tr></table>\n'
    )
    return pin + _named(texts, "place", PAPER)


def _named(texts: Texts, name: str, ground: str) -> str:
    return (
        f'{TABLE} width="100%" bgcolor="{ground}" style="background-color:{ground}"><tr>'
        f'<td style="padding:6px 8px;{_size(12, 17, SOFT)}">'
        f"{_text(texts.fill(f'prompt {name}'))}<br>"
        f'<span style="font-size:14px;font-weight:600;color:{INK}">'
        f"{_text(texts.fill(f'prompt {name} example'))}</span></td></tr></table>\n"
    )


DRAWN: dict[str, Callable[[Texts], str]] = {
    "number": _number,
    "application": _application,
    "map": _map,
}
"""What a prompt may ask for and show, from top to bottom."""


def _button(text: str, ink: str, ground: str) -> str:
    return (
        f'<tr><td style="padding:6px 0 0">{TABLE} width="100%" bgcolor="{ground}" '
        f'style="border:1px solid {ACCENT};border-radius:16px;border-collapse:separate;'
        f'background-color:{ground}"><tr><td align="center" '
        f'style="padding:6px 8px;{_size(13, 18, ink, 600)}">{_text(text)}</td></tr></table>'
        "</td></tr>\n"
    )


def _text(text: str) -> str:
    return escape(short(text, 2000))
