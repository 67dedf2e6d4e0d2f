"""Results as self-contained HTML pages: no script, font or picture is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from graphpolicy.model import Finding, Place
from graphpolicy.render import VIEWS, Style, view
from graphpolicy.render.blocks import (
    MOST_UNCHANGED,
    Block,
    Code,
    Command,
    Diff,
    DiffEntry,
    FactList,
    Gap,
    Heading,
    Items,
    Line,
    Table,
)
from graphpolicy.render.escape import printable, short
from graphpolicy.render.findings import said

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


def render(result: object, style: Style) -> str:
    """A result with blocks."""
    blocks = list(view(result, "page", style, "blocks"))
    what = VIEWS[type(result).__name__].replace("_", " ")
    parts = (part for block in blocks for part in _parts(block, style))
    return page(text(_title(what, blocks)), parts)


def _title(what: str, blocks: Iterable[Block]) -> str:
    """The result, and the only heading of a part, such as a tenant or a person."""
    headings = [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]
    if len(headings) != 1:
        return f"graphpolicy {what}"
    return (
        headings[0]
        if headings[0].startswith("graphpolicy ")
        else f"graphpolicy {what}: {headings[0]}"
    )


def _parts(block: Block, style: Style) -> Iterator[str]:
    match block:
        case Heading(text=title, level=level):
            yield f"<h{level}>{text(title)}</h{level}>\n"
        case FactList(rows=rows):
            facts = (
                (f"<dt>{text(name)}</dt>" if name.strip() else "") + f"<dd>{text(fact)}</dd>\n"
                for name, fact, *_ in rows
            )
            yield f"<dl>\n{''.join(facts)}</dl>\n"
        case Table(head=head, rows=rows):
            yield table(map(text, head), (map(text, row) for row in rows))
        case Line(text=sentence, soft=soft):
            mood = ' class="soft"' if soft else ""
            yield f"<p{mood}>{text(sentence)}</p>\n"
        case Items(lines=lines):
            if lines:
                yield f"<ul>\n{''.join(f'<li>{text(line)}</li>{chr(10)}' for line in lines)}</ul>\n"
        case Command(lead=lead, text=command):
            if lead.strip():
                yield f"<p>{text(lead.strip())}</p>\n"
            yield f"<pre>{escape(short(command, 4000))}</pre>\n"
        case Code(lines=lines):
            yield f"<pre>{chr(10).join(map(whole, lines))}</pre>\n"
        case Diff():
            yield diff_html(block, style)
        case Finding():
            message, *rest = map(text, said(block))
            place = f" (<code>{text(str(block.source))}</code>)" if block.source else ""
            lead = f"<b>{block.level}</b> {text(block.rule)}: {message}{place}"
            yield f'<p class="{block.level}">{"<br>".join([lead, *rest])}</p>\n'
        case Gap():
            return


def text(value: str, most: int = 2000) -> str:
    """Text as HTML, cut if it is too long."""
    return escape(short(value, most))


def whole(value: str) -> str:
    """Text as HTML that is never cut, such as a change or a finding."""
    return escape(printable(value))


def code(value: str) -> str:
    """A name to copy."""
    return f"<code>{text(value)}</code>"


def place_html(place: Place, style: Style) -> str:
    """A place in a file, with a link to it if it is in the repository."""
    where = code(str(place))
    address = style.link(place)
    return f'<a href="{escape(address)}">{where}</a>' if address else where


def diff_html(diff: Diff, style: Style) -> str:
    """A diff as a table below the name of the resource."""
    heading = f"<h3>{text(diff.heading)}</h3>\n" if diff.heading else ""
    drift = ("in the tenant and in the file", "an apply")
    head = drift if diff.drift else ("before", "after", "who it applies to")
    rows = (
        (
            f"<code>{whole(entry.name)}</code><br>{text(entry.label)}",
            *_sides(diff, entry),
            text(entry.people),
            place_html(entry.source, style) if entry.source else "",
        )
        for entry in diff.entries
    )
    return f"{heading}<h3>{text(diff.title)}</h3>\n{table(('setting', *head, 'declared at'), rows)}"


def _sides(diff: Diff, entry: DiffEntry) -> list[str]:
    """The cells before and after; of a drift one cell with both."""
    if diff.drift:
        tags = {"-": "del", "+": "ins", "~": "strong", " ": "span"}
        lines = (f"<{tags[sign]}>{whole(line)}</{tags[sign]}>" for sign, line in entry.lines)
        return ["<br>".join(lines)]
    if entry.lines:
        added = _listed(entry, "+~", "ins") or "<ins>nothing added</ins>"
        after = f"<ins>{text(entry.emptied)}</ins>" if entry.emptied else added
        sides = [_listed(entry, "-", "del"), after]
    else:
        sides = [f"<del>{whole(entry.before)}</del>", f"<ins>{whole(entry.after)}</ins>"]
    if entry.changed_by:
        sides[0] += f'<br><span class="soft">{text(entry.changed_by)}</span>'
    return sides


def _listed(entry: DiffEntry, signs: str, tag: str) -> str:
    """Lines that are removed or added, then those that stay."""
    lines = [f"<{tag}>{sign} {whole(line)}</{tag}>" for sign, line in entry.lines if sign in signs]
    stay = [whole(line) for sign, line in entry.lines if sign == " "]
    if len(stay) > MOST_UNCHANGED:
        folded = f"<summary>and {len(stay)} unchanged</summary>{'<br>'.join(stay)}"
        return f"{'<br>'.join(lines)}<details>{folded}</details>"
    return "<br>".join((*lines, *stay))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return (
        f'<div class="scroll"><table>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )
