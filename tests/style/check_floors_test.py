# SPDX-License-Identifier: Apache-2.0
"""The floor check finds each kind of violation in a tree that has just that one."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "scripts" / "check_floors.py"
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
GOOD = {
    "core/include/gantry/export.hpp": SPDX + "#pragma once\n",
    "core/include/gantry/error.hpp": SPDX + '#pragma once\n#include "gantry/export.hpp"\n',
    "core/include/gantry/value.hpp": SPDX + "#pragma once\n#include <boost/json/value.hpp>\n",
    "core/include/gantry/driver/listener.hpp": SPDX + '#pragma once\n#include "gantry/value.hpp"\n',
    "core/include/gantry/transport.hpp": SPDX + '#pragma once\n#include "gantry/driver/listener.hpp"\n',
    "core/include/gantry/kit/wire.hpp": SPDX + '#pragma once\n#include "gantry/value.hpp"\n',
    "core/include/gantry/rpc/client.hpp": SPDX + '#pragma once\n#include "gantry/transport.hpp"\n',
    "core/include/gantry/notify/spdlog_sink.hpp": SPDX + "#pragma once\n#include <spdlog/sinks/sink.h>\n",
    "core/src/host/elf.cpp": SPDX + "#include <elf.h>\n#include <boost/dll/library_info.hpp>\n",
    "plugins/fake/queue.hpp": SPDX + '#pragma once\n#include "gantry/kit/wire.hpp"\n',
    "plugins/fake/driver.cpp": SPDX + '#include "queue.hpp"\n#include <sys/eventfd.h>\n',
    "examples/hello.cpp": SPDX + "#include <gantry/rpc/client.hpp>\n",
    "tests/unit/wire_test.cpp": SPDX + '#include "gantry/kit/wire.hpp"\n#include <gtest/gtest.h>\n',
}


def check(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckFloors(unittest.TestCase):
    def refuses(self, name, text, complaint):
        code, output = check({**GOOD, name: text})
        self.assertEqual((code, len(output.splitlines())), (1, 1), output)
        self.assertTrue(output.startswith(name + ":"), output)
        self.assertIn(complaint, output)

    def test_passes_a_tree_that_keeps_the_rules(self):
        self.assertEqual(check(GOOD), (0, ""))

    def test_refuses_an_upward_include(self):
        text = SPDX + '#include "gantry/transport.hpp"\n'
        self.refuses("core/src/driver/listener.cpp", text, "driver (floor 2) may not include")

    def test_refuses_an_upward_include_in_angle_brackets(self):
        self.refuses("core/src/target.cpp", SPDX + "#include <gantry/driver/listener.hpp>\n", "values (floor 1)")

    def test_refuses_a_sideways_include(self):
        text = SPDX + '#include "gantry/transport.hpp"\n'
        self.refuses("core/src/kit/routing.cpp", text, "kit (floor 3) may not include")

    def test_refuses_a_sideways_include_between_tools(self):
        self.refuses("cli/main.cpp", SPDX + '#include "tests/unit/wire_test.cpp"\n', "of tests (floor 6)")

    def test_refuses_a_plugin_that_includes_transport(self):
        self.refuses("plugins/fake/reply.cpp", SPDX + '#include "gantry/transport.hpp"\n', "plugins/fake (floor 4)")

    def test_refuses_a_plugin_that_includes_another(self):
        self.refuses("plugins/rabbit/driver.cpp", SPDX + '#include "../fake/queue.hpp"\n', "of plugins/fake")

    def test_refuses_boost_dll_outside_the_host(self):
        self.refuses("core/src/rpc/client.cpp", SPDX + "#include <boost/dll.hpp>\n", "host/ alone")

    def test_refuses_yaml_outside_config(self):
        self.refuses("cli/check.cpp", SPDX + "#include <yaml-cpp/yaml.h>\n", "config/ alone")

    def test_refuses_cli11_outside_installed_programs(self):
        self.refuses("bench/main.cpp", SPDX + "#include <CLI/CLI.hpp>\n", "only installed programs")

    def test_refuses_an_unknown_library(self):
        self.refuses("cli/main.cpp", SPDX + "#include <zmq/zmq.hpp>\n", "no library that is known")

    def test_refuses_a_third_party_type_in_a_public_header(self):
        text = SPDX + "#pragma once\n#include <fmt/format.h>\n"
        self.refuses("core/include/gantry/log.hpp", text, "a public header may not show")

    def test_refuses_spdlog_but_for_its_sink(self):
        self.refuses("core/src/notify/log.cpp", SPDX + "#include <spdlog/spdlog.h>\n", "nothing needs it")

    def test_refuses_the_sink_in_another_public_header(self):
        text = SPDX + '#pragma once\n#include "gantry/notify/spdlog_sink.hpp"\n'
        self.refuses("core/include/gantry/notify/all.hpp", text, "for programs to include")

    def test_refuses_using_namespace_in_a_header(self):
        text = SPDX + "#pragma once\nusing namespace std;\n"
        self.refuses("core/src/kit/clock.hpp", text, "using namespace")

    def test_refuses_a_header_without_pragma_once(self):
        self.refuses("core/src/kit/clock.hpp", SPDX, "#pragma once")

    def test_refuses_a_file_without_its_licence(self):
        self.refuses("scripts/run", "#!/bin/sh\n", "SPDX")

    def test_refuses_an_include_that_is_nowhere(self):
        self.refuses("cli/main.cpp", SPDX + '#include "gantry/gone.hpp"\n', "not in this tree")


if __name__ == "__main__":
    unittest.main()
