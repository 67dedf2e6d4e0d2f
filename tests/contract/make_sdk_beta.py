"""Write `sdk_beta.json`: names and types of msgraph-beta-sdk's models of what is managed.

The beta SDK is 676 MB, so the ordinary test run uses this table; with `--check` the script compares
it with the installed SDK and fails when they differ.

Run: python -m tests.contract.make_sdk_beta [--check]  (dependency group `beta`)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.contract.sdk import tables

TABLE = Path(__file__).with_name("sdk_beta.json")


def main() -> None:
    types, enums = tables("msgraph_beta")
    text = json.dumps({"types": types, "enums": enums}, indent=1) + "\n"
    if "--check" not in sys.argv:
        TABLE.write_text(text, encoding="utf-8")
    elif TABLE.read_text(encoding="utf-8") != text:
        sys.exit("sdk_beta.json is not what the installed msgraph-beta-sdk says: write it again")
    print(f"{len(types)} types and {len(enums)} enums")


if __name__ == "__main__":
    main()
