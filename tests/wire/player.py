# SPDX-License-Identifier: Apache-2.0
"""The player (player.cpp) as a process: commands down, answers and events up."""

import json
import os
import subprocess
import threading

from tap import PATIENCE_SECONDS


class Player:
    def __init__(self):
        self.process = subprocess.Popen([os.environ["GANTRY_PLAYER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        encoding="utf-8", bufsize=1)
        self.changed = threading.Condition()
        self.answers, self.events = [], []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_SECONDS)
        self.reader.join()
        self.process.stdout.close()

    def do(self, verb, **command):
        """Throws Refused with what the command's answer says went wrong."""
        self.process.stdin.write(json.dumps({"do": verb} | command) + "\n")
        with self.changed:
            if not self.changed.wait_for(lambda: self.answers, PATIENCE_SECONDS):
                raise AssertionError(f"the player does not answer to {verb}")
            answer = self.answers.pop(0)
        if "error" in answer:
            raise Refused(answer["error"])

    def event(self, name, **facts):
        """Waits for the first such event that nobody took, and takes it."""
        def find():
            for event in self.events:
                if event["event"] == name and facts.items() <= event.items():
                    return event
            return None

        with self.changed:
            if not (found := self.changed.wait_for(find, PATIENCE_SECONDS)):
                raise AssertionError(f"no event {name} {facts}; there were {self.events}")
            self.events.remove(found)
            return found

    def forget(self):
        """Drops the events that nobody took; returns them."""
        with self.changed:
            events, self.events = self.events, []
            return events

    def _read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            with self.changed:
                (self.events if "event" in told else self.answers).append(told)
                self.changed.notify_all()


class Refused(Exception):
    def __init__(self, error):
        super().__init__(f"{error['type']}: {error['what']}")
        self.type = error["type"]
