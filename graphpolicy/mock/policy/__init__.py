"""The authentication methods policy: its types, how it is shown, checked and written."""
