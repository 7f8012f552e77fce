"""How good an exported model is on series it was not trained on: `python -m pretraining.evaluate`.

For the choice between precisions and recipes while training. What counts is measured by the
product itself: `./foresplit bench data`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime

from pretraining.model import LEVELS, Shape
from pretraining.pool import HELD_BACK_SEED, synthetic, telemetry

CONTEXT, HORIZON = Shape.context, Shape.horizon


def scores(session: onnxruntime.InferenceSession, series: np.ndarray) -> dict[str, float]:
    """Errors relative to the absolute differences of neighbouring values in the context, each
    series counting the same; share of truths within the middle 80 per cent; series a second."""
    context = np.ascontiguousarray(series[:, -CONTEXT - HORIZON : -HORIZON])
    truth = series[:, -HORIZON:]
    began = time.monotonic()
    batches = range(0, len(context), 64)
    said = np.concatenate(
        [session.run(["quantiles"], {"context": context[i : i + 64]})[0] for i in batches]
    )
    seconds = time.monotonic() - began
    there = np.isfinite(truth)
    scale = np.nanmean(np.abs(np.diff(context, axis=1)), axis=1)
    judged = (there.sum(1) > 0) & (scale > 0)
    error = truth[:, None] - said
    levels = np.array(LEVELS)[:, None]
    loss = 2 * np.nanmean(np.maximum(levels * error, (levels - 1) * error), axis=1)
    within = (truth >= said[:, 0]) & (truth <= said[:, -1])
    return {
        "quantile loss": float((np.nanmean(loss[judged], axis=1) / scale[judged]).mean()),
        "absolute error": float(
            (np.nanmean(np.abs(error[judged, 4]), axis=1) / scale[judged]).mean()
        ),
        "80 % interval": float(within[there].mean()),
        "series/s": len(context) / seconds,
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m pretraining.evaluate", description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--telemetry", type=Path, help="folder of CSV files series,interval,value")
    given = parser.parse_args()
    sets = {"synthetic": synthetic(HELD_BACK_SEED, 4, CONTEXT + HORIZON)}
    if given.telemetry:
        sets["telemetry"] = telemetry(given.telemetry, CONTEXT + HORIZON, 256)
    for path in given.models:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options)
        for name, series in sets.items():
            figures = scores(session, series)
            print(path.name, name, ", ".join(f"{k} {v:.4g}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
