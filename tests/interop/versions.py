# SPDX-License-Identifier: Apache-2.0
"""Which versions of oslo.messaging there are to test with: Debian's, and a newer one in a virtual environment."""

import dataclasses
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
VERSION = "import importlib.metadata, oslo_messaging; print(importlib.metadata.version('oslo.messaging'))"


@dataclasses.dataclass
class Peer:
    interpreter: str
    version: str
    missing: str = ""  # why, where it cannot be tested with


def peers():
    """Debian's first."""
    return [debian(), newer()]


def debian():
    interpreter = "/usr/bin/python3"
    version = version_of(interpreter)
    if version:
        return Peer(interpreter, version)
    return Peer(interpreter, "Debian's", f"{interpreter} has no oslo.messaging; install the package "
                "python3-oslo.messaging")


def newer():
    kind = os.environ.get("GANTRY_OSLO", "tested")
    interpreter = ROOT / ".cache/peers" / kind / "bin/python"
    version = version_of(interpreter) if (interpreter.parents[1] / "installed.txt").exists() else ""
    if version:
        return Peer(str(interpreter), version)
    named = tested() if kind == "tested" else kind
    return Peer(str(interpreter), named, f"no registry: oslo.messaging {named} is not in .cache/peers; "
                "scripts/peers gets it where PyPI can be reached")


def version_of(interpreter):
    try:
        told = subprocess.run([interpreter, "-c", VERSION], capture_output=True, text=True)
    except OSError:
        return ""
    return told.stdout.strip()


def tested():
    text = (pathlib.Path(__file__).parent / "peers/tested.txt").read_text()
    return re.search(r"^oslo\.messaging==(\S+)", text, re.MULTILINE)[1]
