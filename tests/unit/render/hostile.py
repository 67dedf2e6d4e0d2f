"""Names that somebody with bad intent could give to a group or write in a file."""

HOSTILE = {
    "terminal escape": "\x1b[31mred\x1b[0m",
    "cursor and bell": "a\rb\x07c\x08",
    "line feed and workflow command": "x\n::error::boom",
    "right-to-left override": "safe\u202etxt.exe",
    "zero width": "ad\u200bmin",
    "line separator": "a\u2028b",
    "rich markup": "[bold]not bold[/bold] [/x] :warning:",
    "html": "<script>alert(1)</script>",
    "markdown": "|`code`|@team **x**",
    "C1 control": "\x9b31m",
    "lone surrogate": "\ud800",
    "64 KB": "n" * 65536,
}
