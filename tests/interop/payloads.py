# SPDX-License-Identifier: Apache-2.0
"""Documents of every JSON kind, and what it means that one came back intact."""

import json
import random
import struct
import sys


def text_of(value):
    """Equal texts mean equal documents: every kind and every bit of a double shows, 1 is not 1.0, -0.0 is not 0.0."""
    return json.dumps(value)


def random_doubles(count, rng):
    """Finite ones, from all bit patterns alike."""
    doubles = []
    while len(doubles) < count:
        x, = struct.unpack("<d", rng.randbytes(8))
        if x - x == 0:
            doubles.append(x)
    return doubles


def nested(depth):
    value = "bottom"
    for level in range(depth):
        value = {"deeper": value} if level % 2 else [value]
    return value


def kinds():
    return {
        "null": None,
        "true": True,
        "false": False,
        "empty string": "",
        "empty list": [],
        "empty object": {},
        "empties": [None, "", [], {}, [[]], [{}], {"a": {}}, {"b": None}],
        "zero": 0,
        "64-bit integers": [-2**63, -2**63 + 1, 2**63 - 1, 2**63, 2**64 - 1, -1, 0, 1, 2**53, 2**53 + 1],
        "integers and doubles": [1, 1.0, -1, -1.0, 0, 0.0, -0.0, 100, 1e2, 2**53, float(2**53)],
        "doubles": [5e-324, sys.float_info.min, sys.float_info.max, -sys.float_info.max, sys.float_info.epsilon,
                    0.1, 1 / 3, 1e16, 1e-7, 1e22, 123456789.123456789, 1e21, 1e-5, 9007199254740993.0],
        "timestamps": [1700000000 + n / 1000003 for n in range(200)],
        "latin": "Grüße aus Köln",
        "scripts": "Ελληνικά русский 中文 日本語 한국어 עברית العربية हिन्दी",
        "astral": "\U0001F600\U00010348\U0001D11E\U0010FFFF x \U0001F468\u200D\U0001F469\u200D\U0001F467",
        "control characters": "".join(map(chr, range(0x20))) + "\x7f\x80\x9f",
        "escapes": "\"\\/\b\f\n\r\t \\u0041 \\\\ </script> '",
        "separators": "\u2028\u2029\ufeff\ufffd\ufffe\uffff\ud7ff\ue000",
        "all of the first plane": "".join(chr(c) for c in range(0x10000) if not 0xD800 <= c <= 0xDFFF),
        "JSON in a string": json.dumps(json.dumps({"oslo.version": "2.0", "oslo.message": "{\"a\": \"\\n\"}"})),
        "odd keys": {"": 0, " ": 1, "a.b": 2, "é": 3, "\U0001F511": 4, "\x00": 5, "\"": 6, "\\": 7, "\n": 8, "1": 9,
                     "null": 10, "oslo.version": 11, "_msg_id": 12, "_context_x": 13, "__proto__": 14, "k" * 5000: 15},
        "100 deep": nested(100),
        "wide list": list(range(5000)),
        "wide object": {f"key {n}": n for n in range(2000)},
        "1 MiB": "x" * 2**20,
        "1 MiB that is escaped": "\U0001F600\n" * 2**17,
        "10,000 random doubles": random_doubles(10_000, random.Random(20)),
    }


def random_text(rng):
    ranges = ((0x00, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF))
    return "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randrange(20)))


def random_document(rng, depth=4):
    make = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randint(-2**63, 2**64 - 1),
        lambda: rng.randint(-1000, 1000),
        lambda: random_doubles(1, rng)[0],
        lambda: random_text(rng),
        lambda: [random_document(rng, depth - 1) for _ in range(rng.randrange(5))],
        lambda: {random_text(rng): random_document(rng, depth - 1) for _ in range(rng.randrange(5))},
    ]
    return rng.choice(make if depth else make[:6])()


def documents(count):
    """Every kind by its name, then random documents (the same in each run) up to `count` altogether."""
    yield from kinds().items()
    rng = random.Random(19)
    for n in range(count - len(kinds())):
        yield f"random document {n}", random_document(rng)
