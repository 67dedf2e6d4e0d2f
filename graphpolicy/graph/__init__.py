"""The only room that talks to Microsoft: Graph's transport, sign-in, reads, writes, directory.

Nothing outside imports msgraph, azure.identity, kiota or httpx, and here they are imported where
they are used, so that a command that needs no tenant does not pay for them.
"""
