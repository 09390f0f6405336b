#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the sources against the floors of docs/architecture.md.

usage: scripts/check_floors.py [ROOT]

A file includes its own group and the floors below; groups on one floor do not include each other.
Third-party libraries stay where they belong, public headers show none but Boost.JSON, headers have
`#pragma once` and no `using namespace`, and every file has its SPDX line. Prints each violation as
file:line: text, and exits with 1 when there is one.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FLOOR_OF_GROUP = {
    "base": 0,
    "values": 1,
    "driver": 2,
    "transport": 3, "kit": 3,
    "rpc": 4, "notify": 4, "host": 4, "plugin": 4,
    "umbrella": 5, "config": 5,
    "cli": 6, "examples": 6, "tests": 6, "bench": 6,
}

# Files directly in core/include/gantry and core/src; all others there are values.
GROUP_OF_CORE_FILE = {
    "export": "base", "clock": "base", "error": "base", "deadline": "base", "log": "base", "utf8": "base",
    "transport": "transport",
    "gantry": "umbrella",
}

# Headers of other projects: what matches, below which folders it may be included, and why only there.
ANYWHERE = [""]
SPDLOG_SINK = "core/include/gantry/notify/spdlog_sink.hpp"
THIRD_PARTY = [
    (r"re2/", ["core/src/notify/"], "filters and masks alone match expressions"),
    (r"boost/dll", ["core/src/host/"], "host/ alone opens files"),
    (r"boost/(json|describe|version\.hpp|container_hash|system/)", ANYWHERE, ""),
    (r"simdjson", ["core/src/", "config/src/"], "core reads JSON, config checks UTF-8"),
    (r"fmt/", ANYWHERE, ""),
    (r"spdlog/", [SPDLOG_SINK, "tests/unit/", "examples/"], "the sink is for programs that have spdlog, nothing needs it"),
    (r"yaml-cpp/", ["config/"], "config/ alone knows YAML"),
    (r"CLI/", ["cli/", "tests/conformance/"], "only installed programs read command lines"),
    (r"amqp(_\w+)?\.h$", ["plugins/rabbit/", "tests/", "bench/"], "the rabbit driver alone speaks AMQP"),
    (r"librdkafka/", ["plugins/kafka/", "cli/dev_kafka/", "tests/", "bench/"], "the kafka driver and the mock broker alone know it"),
    (r"(zlib|bzlib|lzma)\.h$", ["plugins/rabbit/codec_"], "each codec has a file of its own"),
    (r"openssl/", ["plugins/rabbit/tls_"], "TLS is set up in the files of that name alone"),
    (r"g(test|mock)/", ["tests/"], "only tests are tests"),
    (r"benchmark/", ["bench/"], "only benchmarks measure"),
]
IN_PUBLIC_HEADERS = re.compile(r"boost/(json|version\.hpp)")
# A public header that no other includes, for programs that have its library.
OPTIONAL_HEADERS = {SPDLOG_SINK}

# The C and C++ standard libraries and the operating system.
SYSTEM = re.compile(r"[a-z0-9_]+|[a-z0-9_]+\.h|(sys|netinet|arpa|linux)/[a-z0-9_]+\.h")

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CPP = {".cpp", ".hpp"}
INCLUDE_DIRECTORIES = ["core/include", "core/src", "config/include", "config/src"]
TOP_FOLDERS = ["bench", "cli", "config", "core", "docs", "examples", "plugins", "scripts", "tests", ".ci"]
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_SUFFIXES = CPP | {".build", ".map", ".py", ".sh", ".supp", ".yaml", ".yml"}


@dataclass(frozen=True)
class Group:
    name: str  # a key of FLOOR_OF_GROUP
    part: str = ""  # which plugin

    @property
    def floor(self):
        return FLOOR_OF_GROUP[self.name]

    def __str__(self):
        return f"{self.part or self.name} (floor {self.floor})"


def group_of(path):
    """The group of a file, given relative to the root."""
    parts = path.parts
    if parts[0] == "plugins" and len(parts) > 2:
        return Group("plugin", f"plugins/{parts[1]}")
    if parts[0] != "core":
        return Group(parts[0])
    inner = parts[3:] if parts[1] == "include" else parts[2:]
    if len(inner) > 1:
        return Group(inner[0])
    return Group(GROUP_OF_CORE_FILE.get(path.stem, "values"))


def may_include(includer, included):
    if includer == included:
        return True
    if includer.name == "plugin":
        return included.floor <= 2 or included.name == "kit"
    return included.floor < includer.floor


def is_public(path):
    return "include" in path.parts[:2] and path.suffix == ".hpp"


class Tree:
    def __init__(self, root):
        self.root = root
        self.violations = []

    def check(self):
        for top in TOP_FOLDERS:
            for path in sorted((self.root / top).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    self.check_file(path.relative_to(self.root))
        for path in sorted(self.root.glob("meson*")):
            self.check_file(path.relative_to(self.root))
        return self.violations

    def complain(self, path, line, text):
        self.violations.append(f"{path}:{line}: {text}")

    def check_file(self, path):
        # The vectors hold whatever bytes were captured.
        text = (self.root / path).read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        if needs_spdx(path, lines) and not any(SPDX in line for line in lines[:2]):
            self.complain(path, 1, f"the line '{SPDX}' is missing")
        if path.suffix not in CPP:
            return
        if path.suffix == ".hpp":
            self.check_header(path, lines)
        for number, line in enumerate(lines, 1):
            if match := INCLUDE.match(line):
                self.check_include(path, number, match[1] == '"', match[2])

    def check_header(self, path, lines):
        if "#pragma once" not in lines:
            self.complain(path, 1, "a header needs #pragma once")
        for number, line in enumerate(lines, 1):
            if re.match(r"\s*using namespace\b", line):
                self.complain(path, number, "no `using namespace` in a header")

    def check_include(self, path, number, quoted, name):
        target = self.find(path, name)
        if target is None:
            self.check_foreign(path, number, quoted, name)
            return
        if is_public(path) and str(target) in OPTIONAL_HEADERS:
            self.complain(path, number, f"{name} is for programs to include, not for headers")
        includer, included = group_of(path), group_of(target)
        if not may_include(includer, included):
            self.complain(path, number, f"{includer} may not include {name} of {included}")

    def find(self, path, name):
        """Where an include stands in this tree, relative to the root; None for a foreign one."""
        folders = [self.root / folder for folder in INCLUDE_DIRECTORIES]
        folders += [self.root / parent for parent in path.parents]
        folders += (self.root / "plugins").glob("*")
        for folder in folders:
            if (folder / name).is_file():
                return (folder / name).resolve().relative_to(self.root)
        return None

    def check_foreign(self, path, number, quoted, name):
        for pattern, places, why in THIRD_PARTY:
            if re.match(pattern, name):
                if not str(path).startswith(tuple(places)):
                    self.complain(path, number, f"{name} may not be included here: {why}")
                elif is_public(path) and str(path) not in OPTIONAL_HEADERS and not IN_PUBLIC_HEADERS.match(name):
                    self.complain(path, number, f"a public header may not show {name}")
                return
        if quoted:
            self.complain(path, number, f"{name} is not in this tree")
        elif not SYSTEM.fullmatch(name):
            self.complain(path, number, f"{name} is of no library that is known here (THIRD_PARTY in scripts/check_floors.py)")


def needs_spdx(path, lines):
    if path.suffix in SPDX_SUFFIXES or path.name == "meson_options.txt":
        return True
    return path.suffix == "" and bool(lines) and lines[0].startswith("#!")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    violations = Tree(root).check()
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
