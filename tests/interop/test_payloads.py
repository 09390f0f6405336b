# SPDX-License-Identifier: Apache-2.0
"""Every JSON kind crosses both ways and comes back intact."""

import json

import payloads
from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, InteropCase, shows


class Payloads(InteropCase):

    @shows("1,000 payloads intact", PYTHON_TO_CPP)
    def test_RPCS_5_answers_1000_python_calls_of_every_json_kind_intact(self):
        self.gantry_server()
        client = self.python_client()
        for name, document in payloads.documents(1000):
            answer = client.call({}, "echo", document=document)
            # Not assertEqual: a megabyte of difference helps nobody.
            self.assertTrue(payloads.text_of(answer) == payloads.text_of({"document": document}), name)

    @shows("1,000 payloads intact", CPP_TO_PYTHON)
    def test_RPCS_5_gets_1000_documents_of_every_json_kind_back_from_python_intact(self):
        self.python_server()
        documents = dict(payloads.documents(1000))
        for ascii_only in (True, False):
            arguments = json.dumps({"documents": documents}, ensure_ascii=ascii_only)
            done = GANTRY.call(self.topic, "echo", "--args-json", "-", stdin=arguments)
            self.assert_exit(done, 0)
            answer = done.json()["documents"]
            changed = [name for name, document in documents.items()
                       if payloads.text_of(answer.get(name)) != payloads.text_of(document)]
            self.assertEqual(changed, [])

    @shows("empty arguments", PYTHON_TO_CPP)
    def test_CLI_2_a_call_without_arguments_from_python(self):
        self.gantry_server()
        self.assertEqual(self.python_client().call({}, "echo"), {})

    @shows("empty arguments", CPP_TO_PYTHON)
    def test_CLI_2_a_call_without_arguments_to_python(self):
        self.python_server()
        done = GANTRY.call(self.topic, "echo")
        self.assert_exit(done, 0)
        self.assertEqual(done.json(), {})

    @shows("numbers beyond 64 bits never altered", PYTHON_TO_CPP)
    def test_ENV_1_what_cannot_be_kept_is_refused_not_altered(self):
        server = self.gantry_server()
        client = self.python_client(timeout=3)

        def keeps_or_refuses(odd):
            try:
                answer = client.call({}, "echo", document=odd)
            except Exception:  # refused: told at once or left to time out
                return
            self.assertEqual(payloads.text_of(answer), payloads.text_of({"document": odd}))

        odd = (2**64, -2**63 - 1, 10**40, float("inf"), float("-inf"), "\ud800")
        for call in [self.meanwhile(keeps_or_refuses, each) for each in odd]:
            call.result()
        self.assertEqual(self.python_client().call({}, "add", a=2, b=3), 5)
        self.assertTrue(server.alive())
