"""Files and folders that others may have prepared: what is written here follows no link.

A pull request can commit links, and other users of a machine can place them. So a file is opened
without following links, a new one is created exclusively and for its owner alone, and what belongs
to somebody else is refused. `opening.py` is about files, `folders.py` about folders.
"""
