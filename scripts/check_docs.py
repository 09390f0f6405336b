#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the documents against the tree.

usage: scripts/check_docs.py [ROOT]

A code block that names a file (```cpp examples/rpc_client.cpp) shows that file as it is, without its
SPDX line; a relative link leads to a file that exists. Prints each violation as file:line: text, and
exits with 1 when there is one.
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")


def documents(root):
    return sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md"))


def shown(path):
    """A file as documents show it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if "SPDX-License-Identifier" not in line).strip("\n")


def check(root):
    violations = []
    for document in documents(root):
        text = document.read_text(encoding="utf-8")

        def complain(match, what):
            line = match.string.count("\n", 0, match.start()) + 1
            violations.append(f"{document.relative_to(root)}:{line}: {what}")

        for block in BLOCK.finditer(text):
            path = root / block[1]
            if not path.is_file():
                complain(block, f"the block shows {block[1]}, which does not exist")
            elif shown(path) != block[2].strip("\n"):
                complain(block, f"the block is not {block[1]} as it is")
        prose = CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
        for link in LINK.finditer(prose):
            if not (document.parent / link[1]).exists():
                complain(link, f"the link leads nowhere: {link[1]}")
    return violations


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    violations = check(root)
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
