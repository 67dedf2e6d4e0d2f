"""Safe reading and writing in folders that other people can also write to.

A pull request can commit links, and other users of a machine can create them. So links are not
followed, a new file is created exclusively with permissions for its owner only, and another user's
files are refused. `opening.py` handles files, `folders.py` folders.
"""
