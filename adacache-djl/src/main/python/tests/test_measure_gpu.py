"""The script for CUDA machines, tried with tiny models on the CPU: it prints the same table there."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

import torch

PACKAGE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PACKAGE))
import measure_gpu  # noqa: E402
from measure_gpu import Machine, Measurement, Report, Session, inputs_of, make, open_sora, schedule, spans_of  # noqa: E402


def run(*arguments: str):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = measure_gpu.main(list(arguments))
    return code, out.getvalue()


def tiny_model():
    return make(open_sora, dict(measure_gpu.TINY_OPEN_SORA), "tiny", torch.float32, torch.device("cpu"))


class TinyTest(unittest.TestCase):
    def test_prints_a_row_for_every_case(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.json"
            code, text = run("--tiny", "--json", str(file))
            self.assertEqual(code, 0, text)
            report = json.loads(file.read_text())
        self.assertEqual(len(report["rows"]), 2 * 2 * 2 + 2, text)
        for row in report["rows"]:
            self.assertEqual(row["how"], "whole run", text)
            self.assertGreater(row["realised"], 0)
            self.assertGreater(row["kept"], 0)
            self.assertIn(f"| {row['computed']} of {row['steps']} |", text)

    def test_without_time_the_table_says_so(self):
        code, text = run("--tiny", "--seconds", "0.02")
        self.assertEqual(code, 1)
        self.assertIn("no time left", text)
        self.assertIn("| model | size |", text)

    def test_no_cuda_is_said(self):
        if torch.cuda.is_available():
            self.skipTest("there is a CUDA device")
        code, text = run()
        self.assertEqual(code, 2)
        self.assertIn("--tiny", text)


class SessionTest(unittest.TestCase):
    def test_a_computed_step_is_the_plain_model_and_spans_agree(self):
        model = tiny_model()
        size = measure_gpu.tiny(measure_gpu.OPEN_SORA_SIZES[0])
        inputs = inputs_of(model, size, torch.device("cpu"))
        ops = measure_gpu.contract.script(measure_gpu.Ops())
        places = measure_gpu.tokens_of(model, size) // size.frames
        after = [x * 0.9 if i == 0 else x for i, x in enumerate(inputs)]
        reused = []
        with torch.inference_mode():
            for kind in ("fused", "pairs"):
                session = Session(model, ops, spans_of(model.manifest["sites"], kind), places)
                self.assertTrue(torch.equal(session.computed(inputs), model.scripted(*inputs)))
                self.assertTrue(torch.equal(session.computed(inputs), model.eager(*inputs)))
                self.assertEqual(session.figures[1], 0, "the second step is the first one again")
                reused.append(session.reused(after))
        self.assertFalse(torch.equal(reused[0], model.scripted(*after)))
        torch.testing.assert_close(reused[0], reused[1], rtol=1e-3, atol=1e-4)

    def test_held_tensors(self):
        model = tiny_model()
        size = measure_gpu.tiny(measure_gpu.OPEN_SORA_SIZES[0])
        inputs = inputs_of(model, size, torch.device("cpu"))
        activation = 2 * measure_gpu.tokens_of(model, size) * 64 * 4
        ops = measure_gpu.contract.script(measure_gpu.Ops())
        for kind, count in (("fused", 2), ("pairs", 2 * 2 * 2)):
            session = Session(model, ops, spans_of(model.manifest["sites"], kind), 1)
            with torch.inference_mode():
                session.computed(inputs)
            self.assertEqual(session.held(), count * activation, kind)

    def test_schedules(self):
        for steps, computed in ((30, 12), (100, 41), (50, 15), (5, 5), (7, 1)):
            plan = schedule(steps, computed)
            self.assertEqual((len(plan), sum(plan), plan[0]), (steps, computed, True))


class GuardTest(unittest.TestCase):
    def test_what_fails_leaves_a_note(self):
        work = Measurement(Machine("cpu"), Report("", "", ""), 60)

        def memory():
            raise torch.OutOfMemoryError("CUDA out of memory")

        def forever():
            while True:
                pass

        self.assertEqual(work.guarded("a", memory, 10), "out of memory")
        self.assertEqual(work.guarded("b", forever, 0.05), "no time left")
        self.assertEqual(len(work.report.notes), 2)


if __name__ == "__main__":
    unittest.main()
