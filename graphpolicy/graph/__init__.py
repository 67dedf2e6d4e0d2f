"""The only package that talks to Microsoft: transport, sign-in, reads, writes, directory.

Only this package imports msgraph, azure.identity, kiota and httpx. The imports are inside the
functions that use them, so that a command that needs no tenant does not load them.

A function that asks Graph raises `GraphError` if Graph refuses or gives no usable answer; where a
plan continues without the answer, the function returns the reason as an `Unread`.
"""
