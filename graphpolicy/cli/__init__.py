"""The command line: flags, streams and exit codes; the only room that prints or asks.

A verb is a function in one of these modules and a row in `verbs.VERBS`. What it does is done in
`commands/`, imported when it runs.
"""

from graphpolicy.cli.run import main

__all__ = ["main"]
