#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds examples/custom_driver against an installed gantry and uses it.

usage: dropin_test.py BUILD_DIR EXAMPLE_DIR SANITIZER

Installs BUILD_DIR to a directory of its own, builds the example there as its README says, with
nothing of gantry but what pkg-config gives, drops the file into a directory, and lets the installed
`gantry` list it and call through it. SANITIZER is meson's b_sanitize: driver and host agree on it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD, EXAMPLE, SANITIZER = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def command_of(readme):
    """The compiler line that the README shows."""
    return next(line for line in readme.read_text().splitlines() if line.startswith("c++ "))


class Dropin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name)
        staged = cls.root / "staged"
        run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", staged])
        cls.pc_dir = next(staged.rglob("gantry.pc")).parent
        cls.gantry = next(path for path in staged.rglob("bin/gantry"))
        cls.kafka = next(staged.rglob("libexec/gantry/gantry-dev-kafka"), None)
        cls.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GANTRY_")},
            "PKG_CONFIG_PATH": str(cls.pc_dir),
            "LD_LIBRARY_PATH": str(cls.pc_dir.parent),
        }
        cls.sources = cls.root / "sources"
        shutil.copytree(EXAMPLE, cls.sources)
        cls.drop = cls.root / "drop"
        cls.drop.mkdir(mode=0o755)

    def sh(self, command, **variables):
        return run(command, shell=True, cwd=self.sources, env={**self.environment, **variables})

    def variable(self, name):
        return Path(self.sh(f"pkg-config --variable={name} gantry").strip())

    def build(self):
        command = command_of(self.sources / "README.md")
        if SANITIZER != "none":
            command = command.replace("c++ ", f"c++ -fsanitize={SANITIZER} ", 1)
        self.sh(command)
        return self.sources / "gantry_driver_echo.so"

    def drivers(self, **variables):
        lines = self.sh(f"{self.gantry} drivers --json", **variables).splitlines()
        return {row["driver"]: row for row in map(json.loads, lines) if row["type"] == "driver"}

    def call(self, url, **variables):
        return json.loads(self.sh(f"{self.gantry} call '{url}' calc add a:=2 b:=3", **variables))

    def test_a_driver_named_by_the_variable(self):
        shutil.copy(self.build(), self.drop)
        path = {"GANTRY_PLUGIN_PATH": str(self.drop)}
        echo = self.drivers(**path)["echo"]
        self.assertEqual(echo["state"], "available", echo)
        self.assertEqual(Path(echo["file"]).parent, self.drop)
        self.assertEqual(self.call("echo://", **path), {"a": 2, "b": 3})
        request = self.call("echo:///?answer=request", **path)
        self.assertEqual((request["method"], request["args"]), ("add", {"a": 2, "b": 3}))

    def test_a_driver_in_the_installed_directory_stands_beside_the_others(self):
        installed = self.variable("driverdir")
        self.addCleanup((installed / "gantry_driver_echo.so").unlink)
        shutil.copy(self.build(), installed)
        drivers = self.drivers()
        self.assertEqual(drivers["echo"]["state"], "available", drivers["echo"])
        self.assertEqual(drivers["fake"]["state"], "available", drivers["fake"])
        self.assertEqual(self.call("echo://"), {"a": 2, "b": 3})

    def test_the_conformance_program_is_installed_and_opens_it(self):
        shutil.copy(self.build(), self.drop)
        program = self.gantry.with_name("gantry-conformance")
        lines = self.sh(f"{program} echo:// --filter '*: DRV_23 the features *'", GANTRY_PLUGIN_PATH=str(self.drop))
        self.assertIn("\n1..1\nok 1 - unsupported: DRV_23 ", lines)

    def test_the_broker_of_dev_kafka_is_found_where_it_is_installed(self):
        if self.kafka is None:
            self.skipTest("built without librdkafka")
        with tempfile.TemporaryDirectory() as runtime:
            dev = {"XDG_RUNTIME_DIR": runtime}
            self.assertIn("kafka://127.0.0.1:", self.sh(f"{self.gantry} dev kafka --background", **dev))
            self.sh(f"{self.gantry} dev stop", **dev)

    def test_a_build_without_it_says_so_and_where_it_was_searched(self):
        program = self.root / "alone" / "bin" / "gantry"
        program.parent.mkdir(parents=True)
        shutil.copy(self.gantry, program)
        done = subprocess.run([program, "dev", "kafka"], env=self.environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertIn("error: this build has no gantry-dev-kafka", done.stderr)
        self.assertIn(f"searched: {program.parent}, {self.root}/alone/libexec/gantry\n", done.stderr)

    def test_the_examples_own_project_exports_the_driver_and_nothing_else(self):
        self.sh(f"meson setup build -Db_sanitize={SANITIZER} -Db_lundef=false && ninja -C build")
        symbols = self.sh("nm -D --defined-only build/gantry_driver_echo.so").split()[2::3]
        self.assertEqual(len(symbols), 1, symbols)
        self.assertTrue(symbols[0].startswith("gantry_driver_abi"), symbols)

    def test_a_driver_of_another_build_is_refused_with_the_difference(self):
        other = "address" if SANITIZER == "none" else "none"
        command = command_of(self.sources / "README.md")
        self.sh(command.replace("c++ ", f"c++ -fsanitize={other} " if other != "none" else "c++ ", 1))
        folder = self.root / "other"
        folder.mkdir(mode=0o755)
        shutil.move(self.sources / "gantry_driver_echo.so", folder)
        echo = self.drivers(GANTRY_PLUGIN_PATH=str(folder))["echo"]
        self.assertEqual(echo["state"], "refused", echo)
        self.assertIn("it was built as abi", echo["reason"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
