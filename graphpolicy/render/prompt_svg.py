"""The prompt of the app before and after, drawn as SVG: our own phone, made from the plan alone.

It shows what the policy switches on and no more: the number to type, the application's name, the
map. No script, no font and no picture from elsewhere; light and dark follow the reader's system.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from html import escape

from graphpolicy.announce import Picture, pictures, sentence
from graphpolicy.announce.texts import Texts
from graphpolicy.render import Style
from graphpolicy.render.announce import Announcements, described
from graphpolicy.render.escape import short

WIDTH, PHONE, GAP = 640, 244, 88
"""Of the whole picture, of one phone, and between the two."""

LEFT = (WIDTH - 2 * PHONE - GAP) / 2
PAD = 18
INNER = PHONE - 2 * PAD
TOP = 46
CAPTION = 34
BETWEEN, EDGE = 26, 7
"""Between two parts of the prompt, and from a part to the frame around it."""

STYLE = """\
.gp { --ink: #1b1f24; --soft: #57606a; --case: #24292f; --glass: #ffffff; --shade: #eef1f4;
  --line: #c9d1d9; --accent: #0550ae; --on-accent: #ffffff; --land: #d9ead3; --road: #ffffff;
  --page: #ffffff; --pin: #b3151f; font-family: system-ui, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { .gp { --ink: #e6edf3; --soft: #9aa4af; --case: #6e7681;
  --glass: #161b22; --shade: #262c36; --line: #444c56; --accent: #79b8ff; --on-accent: #0d1117;
  --land: #2d4430; --road: #4a5568; --page: #0d1117; --pin: #ff8078; } }
.gp text { fill: var(--ink); font-size: 13px; }
.gp .soft { fill: var(--soft); font-size: 11px; }
.gp .bold { font-weight: 600; }
.gp .big { font-size: 15px; font-weight: 600; }
.gp .case { fill: var(--glass); stroke: var(--case); stroke-width: 5; }
.gp .page { fill: var(--page); }
.gp .shade { fill: var(--shade); }
.gp .field { fill: var(--glass); stroke: var(--line); stroke-width: 1.5; }
.gp .accent { fill: var(--accent); }
.gp .stroke { fill: none; stroke: var(--accent); stroke-width: 2.5; }
.gp text.on-accent { fill: var(--on-accent); font-weight: 600; }
.gp .land { fill: var(--land); } .gp .pin { fill: var(--pin); }
.gp .road { fill: none; stroke: var(--road); stroke-width: 5; stroke-linecap: round; }
"""


def render(draft: Announcements, style: Style) -> str:
    """All pictures of a draft, below each other, with who they are for; '' if there are none."""
    found = [
        (_caption(section.people.include, draft, announcement.tenant.name), picture)
        for announcement in draft.announcements
        for section, picture in pictures(announcement)
    ]
    if not found:
        return ""
    if len(found) == 1:
        return svg(found[0][1], draft.texts, alone=True)
    drawn, y = list[str](), 0.0
    for number, (caption, picture) in enumerate(found):
        parts, height = _both(picture, draft.texts)
        drawn.append(
            f'<g transform="translate(0 {y + CAPTION:g})" role="img" '
            f'aria-label="{_text(described(picture, draft.texts))}">\n'
            f'<text class="big" x="{WIDTH / 2:g}" y="-10" text-anchor="middle">{caption}</text>\n'
            f"{parts}</g>\n"
        )
        y += height + CAPTION + (24 if number < len(found) - 1 else 0)
    return _framed(
        "".join(drawn), y, _text(draft.texts.fill("picture title")), "", "all", alone=True
    )


def svg(picture: Picture, texts: Texts, name: str = "prompt", *, alone: bool = False) -> str:
    """One picture; `name` tells its ids apart from others in the same page.

    With `alone` it has a background of its own: a page around it need not follow the reader's
    system.
    """
    parts, height = _both(picture, texts)
    title, description = texts.fill("picture title"), described(picture, texts)
    return _framed(parts, height, _text(title), _text(description), name, alone=alone)


def _framed(
    parts: str, height: float, title: str, description: str, name: str, *, alone: bool
) -> str:
    ids = f"gp-{name}-title" + (f" gp-{name}-desc" if description else "")
    told = f'<title id="gp-{name}-title">{title}</title>\n'
    if description:
        told += f'<desc id="gp-{name}-desc">{description}</desc>\n'
    ground = '<rect class="page" width="100%" height="100%" rx="12"/>\n' if alone else ""
    role = "img" if description else "group"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gp" role="{role}" '
        f'aria-labelledby="{ids}" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
        f'height="{height:g}">\n{told}<style>\n{STYLE}</style>\n{ground}{parts}</svg>\n'
    )


def _caption(people: Sequence[str], draft: Announcements, tenant: str) -> str:
    texts = draft.texts.of(tenant)
    text = texts.fill("for", people=sentence(people, texts))
    if len(draft.announcements) > 1:
        text = f"{tenant}: {text}"
    return _text(text, 70)


def _both(picture: Picture, texts: Texts) -> tuple[str, float]:
    """Two phones of the same height with an arrow between them."""
    drawn = [
        list(_prompt(parts, new, texts))
        for parts, new in (
            (picture.before, frozenset[str]()),
            (picture.after, picture.after - picture.before),
        )
    ]
    height = max(y for rows in drawn for _, y in rows) + PAD + 8
    result = []
    for index, (rows, entry) in enumerate(zip(drawn, ("before", "after"), strict=True)):
        x = LEFT + index * (PHONE + GAP)
        result.append(
            f'<g transform="translate({x:g} 0)">\n'
            f'<text class="soft bold" x="{PHONE / 2:g}" y="14" text-anchor="middle">'
            f"{_text(texts.fill(f'picture {entry}'), 40)}</text>\n"
            f'<rect class="case" x="3" y="24" width="{PHONE - 6}" height="{height - 24:g}" '
            'rx="30"/>\n'
            f'<rect class="shade" x="{PHONE / 2 - 26:g}" y="33" width="52" height="6" rx="3"/>\n'
            f"{''.join(part for part, _ in rows)}</g>\n"
        )
    middle, arrow = WIDTH / 2, (height + 24) / 2
    result.append(
        f'<path class="accent" d="M{middle - 22:g} {arrow - 4:g}h26v-9l20 13-20 13v-9h-26z"/>\n'
    )
    return "".join(result), height + 4


Row = tuple[str, float]
"""A piece of the drawing, and where it ends."""


def _prompt(parts: frozenset[str], new: frozenset[str], texts: Texts) -> Iterator[Row]:
    """The screen from top to bottom; what is `new` has a frame and says so."""
    y = float(TOP + 10)
    badge = _text(texts.fill("picture new"), 10)
    yield _shield(y), y + 34
    y += 50
    part, y = _lines(texts.fill("prompt title"), y, "big", 24)
    yield part, y
    for name, draw in DRAWN.items():
        if name in parts:
            y += BETWEEN
            part, end = draw(y, texts)
            yield part, end
            if name in new:
                yield _new(y - EDGE, end + EDGE, badge), end
            y = end
    yield _button(y + BETWEEN, _text(texts.fill("prompt yes"), 24), main=True), y
    y += BETWEEN + 40
    yield _button(y, _text(texts.fill("prompt no"), 30), main=False), y + 32


def _shield(y: float) -> str:
    x = PHONE / 2
    return (
        f'<path class="accent" d="M{x:g} {y:g}l15 5v11c0 9-6 15-15 18c-9-3-15-9-15-18v-11z"/>\n'
        f'<path d="M{x - 6:g} {y + 16:g}l5 5 8-10" fill="none" stroke="var(--on-accent)" '
        'stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>\n'
    )


def _lines(text: str, y: float, class_: str, most: int) -> Row:
    """A text in the middle, in two lines at most."""
    step = 19 if class_ == "big" else 17
    lines = textwrap.wrap(short(text), most)[:2]
    drawn = "".join(
        f'<text class="{class_}" x="{PHONE / 2:g}" y="{y + step * index + 12:g}" '
        f'text-anchor="middle">{_text(line)}</text>\n'
        for index, line in enumerate(lines)
    )
    return drawn, y + step * len(lines)


def _number(y: float, texts: Texts) -> Row:
    """Where the number is typed: two digits, as on the screen of the sign-in."""
    told, y = _lines(texts.fill("prompt enter"), y + 7, "", 30)
    x = PHONE / 2
    digits = "".join(
        f'<rect class="field" x="{left:g}" y="{y + 6:g}" width="30" height="34" rx="6"/>\n'
        f'<text class="big" x="{left + 15:g}" y="{y + 28:g}" text-anchor="middle">{digit}</text>\n'
        for left, digit in ((x - 34, "4"), (x + 4, "2"))
    )
    return told + digits, y + 42


def _application(y: float, texts: Texts) -> Row:
    """The name of the application, beside a letter."""
    drawn = (
        f'<rect class="shade" x="{PAD}" y="{y:g}" width="{INNER}" height="42" rx="10"/>\n'
        f'<rect class="accent" x="{PAD + 10}" y="{y + 9:g}" width="28" height="24" rx="5"/>\n'
        f'<path d="M{PAD + 14} {y + 14:g}l10 8 10-8" fill="none" stroke="var(--on-accent)" '
        'stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round"/>\n'
        f'<text class="soft" x="{PAD + 48}" y="{y + 17:g}">'
        f"{_text(texts.fill('prompt application'), 24)}</text>\n"
        f'<text class="bold" x="{PAD + 48}" y="{y + 33:g}">'
        f"{_text(texts.fill('prompt application example'), 20)}</text>\n"
    )
    return drawn, y + 42


ROADS = "".join(
    f'<path class="road" d="{way}"/>\n'
    for way in (
        "M4 22C60 8 90 62 204 40",
        "M52 70C62 50 84 34 78 4",
        "M164 4C142 26 168 52 152 70",
    )
)


def _map(y: float, texts: Texts) -> Row:
    """A made-up map with a pin, and the name of the place."""
    right, low = PAD + INNER, y + 74
    pin_x, pin_y = PHONE / 2 + 14, y + 50
    drawn = (
        f'<rect class="land" x="{PAD}" y="{y:g}" width="{INNER}" height="74" rx="10"/>\n'
        f'<g transform="translate({PAD} {y:g})">\n{ROADS}</g>\n'
        f'<path class="pin" fill-rule="evenodd" d="M{pin_x:g} {pin_y:g}c-4-9-12-14-12-23'
        'a12 12 0 0 1 24 0c0 9-8 14-12 23zm0-19a5 5 0 1 0 0-10a5 5 0 0 0 0 10z"/>\n'
        f'<text class="soft" x="{PAD + 2}" y="{low + 15:g}">'
        f"{_text(texts.fill('prompt place'), 16)}</text>\n"
        f'<text class="bold" x="{right - 2}" y="{low + 15:g}" text-anchor="end">'
        f"{_text(texts.fill('prompt place example'), 18)}</text>\n"
    )
    return drawn, low + 20


DRAWN: dict[str, Callable[[float, Texts], Row]] = {
    "number": _number,
    "application": _application,
    "map": _map,
}
"""What a prompt may ask for and show, from top to bottom."""


def _button(y: float, text: str, *, main: bool) -> str:
    class_, label = ("accent", "on-accent") if main else ("field", "")
    return (
        f'<rect class="{class_}" x="{PAD}" y="{y:g}" width="{INNER}" height="32" rx="16"/>\n'
        f'<text class="{label}" x="{PHONE / 2:g}" y="{y + 21:g}" text-anchor="middle">'
        f"{text}</text>\n"
    )


def _new(top: float, bottom: float, badge: str) -> str:
    """A frame around what the plan switches on, with a word in its corner."""
    width = 14 + 7 * len(badge)
    right = PAD - 6 + INNER + 12
    return (
        f'<rect class="stroke" x="{PAD - 6}" y="{top:g}" width="{INNER + 12}" '
        f'height="{bottom - top:g}" rx="12"/>\n'
        f'<rect class="accent" x="{right - width - 8}" y="{top - 9:g}" width="{width}" height="18" '
        'rx="9"/>\n'
        f'<text class="on-accent" x="{right - 8 - width / 2:g}" y="{top + 4:g}" '
        f'text-anchor="middle" style="font-size: 11px">{badge}</text>\n'
    )


def _text(text: str, most: int = 400) -> str:
    """Harmless in XML, which has no word for U+FFFE and U+FFFF; cut to what there is room for."""
    plain = short(text, 2000).translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"})
    return escape(plain if len(plain) <= most else f"{plain[: most - 1]}…")
