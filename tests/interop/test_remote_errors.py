# SPDX-License-Identifier: Apache-2.0
"""Exceptions cross both ways: Python's own, the application's, those that the caller does not know."""

import builtins

import oslo_messaging
from oslo_endpoints import Overheated

from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, InteropCase, shows


class ErrorsOfPython(InteropCase):

    @shows("remote errors", CPP_TO_PYTHON)
    def test_EXC_4_a_remote_error_has_class_text_and_trace(self):
        self.python_server()
        for kind in ("ValueError", "LookupError", "RuntimeError", "ZeroDivisionError"):
            done = GANTRY.call(self.topic, "fail", f"kind={kind}", "message=no such planet: Ünktar")
            self.assert_exit(done, 5)
            self.assertEqual(done.out, "")
            self.assertIn(kind, done.err)
            self.assertIn("no such planet: Ünktar", done.err)
            self.assertIn("Traceback (most recent call last)", done.err)
            self.assertIn("in fail", done.err)

    @shows("remote errors", CPP_TO_PYTHON)
    def test_EXC_4_an_exception_of_the_applications_own(self):
        self.python_server()
        done = GANTRY.call(self.topic, "fail_own", "message=451 degrees")
        self.assert_exit(done, 5)
        self.assertIn("Overheated", done.err)
        self.assertIn("451 degrees", done.err)

    @shows("remote errors", CPP_TO_PYTHON)
    def test_EXC_2_a_chained_exception_keeps_both_traces(self):
        self.python_server()
        done = GANTRY.call(self.topic, "fail_chained", "message=the consequence")
        self.assert_exit(done, 5)
        self.assertIn("LookupError", done.err)
        self.assertIn("the cause", done.err)

    @shows("remote errors", CPP_TO_PYTHON)
    def test_EXC_6_those_that_the_program_knows_are_thrown_as_its_types(self):
        self.python_server()
        caller = self.gantry_caller()
        builtin = caller.call(self.topic, "fail", {"kind": "ValueError", "message": "no such planet: Ünktar"})
        self.assertEqual(builtin["error"], "std::invalid_argument")
        self.assertTrue(builtin["text"].startswith("no such planet: Ünktar\nTraceback (most recent call last)"), builtin)
        own = caller.call(self.topic, "fail_own", {"message": "too hot"})
        self.assertEqual((own["error"], own["degrees"], own["class"], own["module"], own["message"]),
                         ("Overheated", 451, "Overheated", "oslo_endpoints", "too hot"))
        self.assertGreater(own["traceback"], 1)

    @shows("remote errors", CPP_TO_PYTHON)
    def test_EXC_5_one_that_it_does_not_know_is_a_RemoteError_with_all_that_came(self):
        self.python_server()
        outcome = self.gantry_caller().call(self.topic, "fail", {"kind": "StopAsyncIteration", "message": "enough"})
        self.assertEqual((outcome["error"], outcome["class"], outcome["module"], outcome["message"]),
                         ("RemoteError", "StopAsyncIteration", "builtins", "enough"))
        self.assertGreater(outcome["traceback"], 1)


class ErrorsOfGantry(InteropCase):

    @shows("remote errors", PYTHON_TO_CPP)
    def test_RPCS_8_a_builtin_exception_is_raised_as_itself(self):
        self.gantry_server()
        for kind in ("ValueError", "LookupError", "RuntimeError"):
            with self.assertRaises(getattr(builtins, kind)) as caught:
                self.python_client().call({}, "fail", **{"class": kind, "message": "no such planet: Ünktar"})
            self.assertIn("no such planet: Ünktar", str(caught.exception))

    @shows("remote errors", PYTHON_TO_CPP)
    def test_RPCS_8_a_foreign_exception_is_a_RemoteError_with_class_and_text(self):
        self.gantry_server()
        error = self.remote_error("fail", **{"class": "Overheated", "message": "451 degrees"})
        self.assertEqual(error.exc_type, "Overheated")
        self.assertIn("451 degrees", error.value)

    @shows("remote errors", PYTHON_TO_CPP)
    def test_RPCS_8_one_of_an_allowed_module_is_raised_as_that_modules_type(self):
        self.gantry_server()
        with self.assertRaises(Overheated) as caught:
            self.python_client().call({}, "fail", **{"class": "oslo_endpoints.Overheated", "message": "too hot"})
        self.assertEqual(type(caught.exception).__name__, "Overheated_Remote")
        self.assertEqual(caught.exception.args, ("too hot",))
        self.assertTrue(str(caught.exception).startswith("too hot\n"))

    @shows("remote errors", PYTHON_TO_CPP)
    def test_RPCS_8_what_an_allowed_module_does_not_have_is_a_RemoteError(self):
        self.gantry_server()
        for name in ("oslo_endpoints.Overcooled", "elsewhere.Overheated"):
            error = self.remote_error("fail", **{"class": name, "message": "no warmth"})
            self.assertEqual((error.exc_type, error.value), (name.rpartition(".")[2], "no warmth"))

    def remote_error(self, method, **arguments):
        with self.assertRaises(oslo_messaging.RemoteError) as caught:
            self.python_client().call({}, method, **arguments)
        return caught.exception
