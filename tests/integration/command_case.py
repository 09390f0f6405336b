# SPDX-License-Identifier: Apache-2.0
"""The command as the tests see it: run to its end, or started and listened to."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import unittest

COMMAND = os.environ["GANTRY_COMMAND"]
# A wait ends when what it waits for comes; this bound is for what never comes.
PATIENCE_SECONDS = 120

DONE, FAILED, USAGE, NOT_FOUND, TIMEOUT, REMOTE_ERROR, UNREACHABLE, UNSOUND = range(8)


def environment(**changes):
    kept = {name: value for name, value in os.environ.items() if name != "GANTRY_URL"}
    return kept | changes


class CommandCase(unittest.TestCase):

    def gantry(self, *arguments, code=DONE, stdin="", **variables):
        """Runs the command to its end, and checks how it ended."""
        done = subprocess.run([COMMAND, *arguments], input=stdin, capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS, env=environment(**variables))
        self.assertEqual(done.returncode, code, f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        if code not in (DONE, UNSOUND):
            self.assertRegex(done.stderr, "(?m)^error: ")
            self.assertEqual(done.stdout, "")
        return done

    @contextlib.contextmanager
    def running(self, *arguments, **variables):
        process = subprocess.Popen([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment(**variables))
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def file(self, text, name="bus.yaml"):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = pathlib.Path(directory) / name
        path.write_text(text)
        return str(path)
