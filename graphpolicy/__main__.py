"""`python -m graphpolicy`."""

from graphpolicy.cli import main

main()
