"""What every run that writes leaves behind, and what keeps two runs apart.

A run is one apply or rollback of one tenant. Its folder holds `plan.json`, `before.json` (the raw
documents before it, a snapshot) and `journal.jsonl`: one line before each request and one after
it, on disk before anything else happens. There is no secret in it, and it can be moved.
"""
