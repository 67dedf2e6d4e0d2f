"""The records of runs that write, and the lock that keeps two runs apart.

A run is one apply or rollback of one tenant. Its folder has `plan.json`, `before.json` (a snapshot
of the tenant before the run) and `journal.jsonl`: a line before each request and a line after it,
synced before anything else happens. It contains no secret, and it can be moved.
"""
