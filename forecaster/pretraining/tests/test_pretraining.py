import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from pretraining import export
from pretraining.batches import Batches
from pretraining.kinds import KINDS, draw
from pretraining.model import LEVELS, Norm, PatchForecaster, Served, Shape, pinball
from pretraining.pool import CHUNK, read, synthetic, telemetry
from pretraining.train import Recipe, Training, asked_tokens, judge, loss_of

SMALL = Shape(context=128, horizon=16, width=32, inner=64, layers=2, heads=2)


class SeriesTest(unittest.TestCase):
    def test_every_kind_is_finite_and_the_same_for_a_seed(self):
        for kind in KINDS:
            for seed in range(40):
                x = kind(np.random.default_rng(seed), 300)
                self.assertEqual(x.shape, (300,))
                self.assertTrue(np.isfinite(x).all(), kind.__name__)
                again = kind(np.random.default_rng(seed), 300)
                np.testing.assert_array_equal(x, again)

    def test_drawn_series_are_not_all_alike(self):
        drawn = [draw(np.random.default_rng(seed), 200) for seed in range(50)]
        self.assertEqual(len({x.tobytes() for x in drawn}), 50)

    def test_a_pool_does_not_depend_on_processes(self):
        one = synthetic(3, 1, 64)
        self.assertEqual(one.shape, (CHUNK, 64))
        np.testing.assert_array_equal(one, synthetic(3, 1, 64))


class TelemetryTest(unittest.TestCase):
    def test_gaps_and_missing_values_are_nan(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_text("series,interval,value\na,5,1\na,7,3\na,8,\nb,1,2\n")
            series = read(path)
        np.testing.assert_array_equal(series["a"], np.array([1, np.nan, 3, np.nan], np.float32))
        self.assertEqual(len(series["b"]), 1)

    def test_a_wrong_header_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_text("time,value\n1,1\n")
            with self.assertRaisesRegex(SystemExit, "series,interval,value"):
                read(path)

    def test_long_series_become_pieces(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = "".join(f"a,{i},{-1 - i % 7}\n" for i in range(300))
            (Path(folder) / "a.csv").write_text("series,interval,value\n" + rows)
            pieces = telemetry(Path(folder), 128)
        self.assertEqual(pieces.shape[1], 128)
        self.assertEqual(pieces[0, 3], -4)
        self.assertEqual(pieces[1, 0], -1 - 64 % 7)


class ModelTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.model = PatchForecaster(SMALL).eval()

    def test_nothing_of_the_future_reaches_a_token(self):
        x = torch.randn(3, SMALL.context)
        changed = x.clone()
        changed[:, 64:] = torch.randn(3, 64)
        there = torch.ones_like(x)
        asked = torch.tensor([3, 7])
        with torch.no_grad():
            a, b = self.model(x, there, asked), self.model(changed, there, asked)
        torch.testing.assert_close(a[:, 0], b[:, 0])
        self.assertFalse(torch.allclose(a[:, 1], b[:, 1]))

    def test_the_last_token_alone_says_what_it_says_among_others(self):
        x, there = torch.randn(3, SMALL.context), torch.ones(3, SMALL.context)
        with torch.no_grad():
            alone = self.model(x, there)[:, 0]
            among = self.model(x, there, torch.tensor([4, SMALL.tokens - 1]))[:, 1]
        torch.testing.assert_close(alone, among)

    def test_a_forecast_moves_and_grows_with_its_series(self):
        served = Served(self.model)
        x = torch.randn(4, SMALL.context).cumsum(1)
        x[1, 10:30] = torch.nan
        with torch.no_grad():
            said, scaled = served(x), served(x * 1000 + 5000)
        torch.testing.assert_close(said * 1000 + 5000, scaled, rtol=1e-3, atol=5)
        self.assertTrue((said.diff(dim=1) >= 0).all())

    def test_a_shorter_context_is_one_with_nothing_before_it(self):
        served = Served(self.model)
        x = torch.randn(2, SMALL.context)
        x[:, :90] = torch.nan
        with torch.no_grad():
            whole, short = served(x), served(x[:, 90:])
            longer = served(torch.cat((torch.randn(2, 7), x), dim=1))
        torch.testing.assert_close(whole, short, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(whole, longer)

    def test_outliers_hardly_change_the_scale(self):
        x, there = torch.randn(1, 512), torch.ones(1, 512)
        calm = Norm(x, there).spread
        x[0, 100] = 1e6
        hit = Norm(x, there)
        self.assertLess(float(Norm(x, there).spread / 1e6), 0.02)
        self.assertTrue(torch.isfinite(hit.normalise(x)).all())
        self.assertGreater(float(calm), 0.5)

    def test_missing_constant_and_huge_series_give_numbers(self):
        x = torch.full((4, SMALL.context), torch.nan)
        x[1] = 7
        x[2] = 1e15 * torch.randn(SMALL.context)
        x[3, -5:] = 1e-15
        with torch.no_grad():
            said = Served(self.model)(x)
        self.assertTrue(torch.isfinite(said).all())
        torch.testing.assert_close(said[1], torch.full_like(said[1], 7), rtol=1e-3, atol=1e-3)

    def test_pinball_of_the_median_is_the_absolute_error(self):
        actual = torch.randn(5, 3)
        said = torch.zeros(5, len(LEVELS), 3)
        there = torch.ones(5, 3)
        self.assertAlmostEqual(
            float(pinball(said, actual, there)), float(actual.abs().mean()), places=5
        )


class TrainingTest(unittest.TestCase):
    def test_no_loss_depends_on_the_scale_of_what_is_to_come(self):
        torch.manual_seed(0)
        model = PatchForecaster(SMALL)
        series = torch.randn(2, SMALL.context + SMALL.horizon)
        holes = series.clone()
        holes[:, 48:] = torch.nan
        asked, pick = torch.tensor([2, 5, 7]), torch.tensor([0, 0])
        whole = loss_of(model, series, asked, pick)
        self.assertTrue(torch.isfinite(whole))
        self.assertEqual(float(loss_of(model, holes, asked, pick)), 0.0)

    def test_asked_tokens_are_in_order_and_end_with_the_last(self):
        asked = asked_tokens(np.random.default_rng(1), 32, 8)
        self.assertEqual(len(asked), 8)
        self.assertTrue((np.diff(asked) > 0).all())
        self.assertEqual(asked[-1], 31)

    def test_a_small_run_learns_resumes_and_is_exported(self):
        with tempfile.TemporaryDirectory() as folder:
            self._run(Path(folder))

    def _run(self, out):
        pool = synthetic(1, 1, 400)
        held_back = synthetic(2, 1, SMALL.context + SMALL.horizon)[:100]
        recipe = Recipe(steps=40, batch=32, warm_up=5, asked=4, log_every=4)
        training = Training(SMALL, recipe, out)
        before = judge(training.model, held_back)
        model = training.run(pool, None, held_back)
        self.assertLess(judge(model, held_back), before)
        again = Training(SMALL, recipe, out)
        again.resume()
        self.assertEqual(again.step, 40)
        export.export(model, out)
        self._served_alike(model, out)

    def _served_alike(self, model, out):
        x = np.random.default_rng(5).standard_normal((5, SMALL.context)).astype(np.float32)
        x[2, 3:50] = np.nan
        session = onnxruntime.InferenceSession(out / export.FULL)
        said = session.run(["quantiles"], {"context": x})[0]
        self.assertEqual(said.shape, (5, 9, SMALL.horizon))
        with torch.no_grad():
            expected = Served(model)(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(said, expected, rtol=1e-3, atol=1e-4)
        for length in (1, 16, 17, 100, 300):
            part = np.resize(x, (3, length))
            said_of_part = session.run(["quantiles"], {"context": part})[0]
            with torch.no_grad():
                expected = Served(model)(torch.from_numpy(part)).numpy()
            np.testing.assert_allclose(said_of_part, expected, rtol=1e-3, atol=1e-4)
        small = onnxruntime.InferenceSession(out / export.SMALL)
        rough = small.run(["quantiles"], {"context": x})[0]
        self.assertLess(np.abs(rough - said).mean(), 0.1 * np.abs(said).mean())
        weights = export.read_weights(out / export.FULL, PatchForecaster(SMALL))
        for name, value in model.named_parameters():
            torch.testing.assert_close(weights[name], value)

    def test_batches_are_of_their_size_and_share(self):
        pool = synthetic(1, 1, 300)
        recorded = np.full((10, 300), 1e9, np.float32) + np.arange(300, dtype=np.float32) * 1e6
        x = Batches(pool, recorded, 144, 64, 0.25, 1).next()
        self.assertEqual(x.shape, (64, 144))
        self.assertEqual((np.nanmax(np.abs(x), axis=1) > 9e8).sum(), 16)


if __name__ == "__main__":
    unittest.main()
