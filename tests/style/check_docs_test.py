# SPDX-License-Identifier: Apache-2.0
"""The document check finds a code block and a link that do not fit the tree."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "scripts" / "check_docs.py"
EXAMPLE = "// SPDX-License-Identifier: Apache-2.0\nint main() {}\n"


def check(readme):
    with tempfile.TemporaryDirectory() as root:
        Path(root, "hello.cpp").write_text(EXAMPLE)
        Path(root, "README.md").write_text(readme)
        run = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckDocs(unittest.TestCase):
    def test_passes_a_block_that_shows_its_file_and_a_link_that_leads_somewhere(self):
        self.assertEqual(check("[hello](hello.cpp)\n```cpp hello.cpp\nint main() {}\n```\n"), (0, ""))

    def test_passes_blocks_without_a_file_and_links_to_other_sites(self):
        self.assertEqual(check("[x](https://example.org/x) [y](#y)\n```console\n$ ls\n```\n"), (0, ""))

    def test_refuses_a_block_that_differs_from_its_file(self):
        code, output = check("# Title\n\n```cpp hello.cpp\nint main();\n```\n")
        self.assertEqual((code, output), (1, "README.md:3: the block is not hello.cpp as it is\n"))

    def test_refuses_a_block_of_a_file_that_is_gone(self):
        code, output = check("```cpp gone.cpp\n```\n")
        self.assertEqual(code, 1)
        self.assertIn("gone.cpp, which does not exist", output)

    def test_refuses_a_link_that_leads_nowhere(self):
        self.assertEqual(check("[x](docs/gone.md#part)\n"), (1, "README.md:1: the link leads nowhere: docs/gone.md\n"))

    def test_takes_no_code_for_a_link_and_counts_its_lines(self):
        code = "```cpp\nrun([](const Event& e) {});\n```\n"
        self.assertEqual(check(code), (0, ""))
        self.assertEqual(check(code + "[x](gone)\n"), (1, "README.md:4: the link leads nowhere: gone\n"))


if __name__ == "__main__":
    unittest.main()
