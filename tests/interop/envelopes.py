# SPDX-License-Identifier: Apache-2.0
"""Bodies that no receiver can decode, whatever it expects."""

import json


def envelope(message, version="2.0"):
    """`message` in its envelope; as text it is taken as it stands."""
    text = message if isinstance(message, str) else json.dumps(message)
    return json.dumps({"oslo.version": version, "oslo.message": text})


UNDECODABLE = {
    "not JSON": "this is not JSON",
    "half a JSON": '{"oslo.version": "2.0", "oslo.mess',
    "not UTF-8": b'{"method": "\xff\xfe"}',
    "a byte order mark": b'\xef\xbb\xbf{"method": "echo"}',
    "a control character": b'{"method": "ec\x00ho"}',
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "envelope version 2.1": envelope({}, "2.1"),
    "envelope version 3.0": envelope({}, "3.0"),
    "envelope version 1.0": envelope({}, "1.0"),
    "envelope version two": envelope({}, 2),
    "envelope version null": envelope({}, None),
    "message not text": json.dumps({"oslo.version": "2.0", "oslo.message": {"method": "echo"}}),
    "message not JSON": envelope("this is not JSON"),
    "message not an object": envelope([1, 2]),
    "deeper than anyone nests": "[" * 100_000,
}
