"""Pretrains the forecasting model: `python -m pretraining --out DIR`. See README.md."""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from pretraining.export import export, read_weights
from pretraining.model import PatchForecaster, Shape
from pretraining.pool import CHUNK, HELD_BACK_SEED, synthetic, telemetry
from pretraining.train import Recipe, Training

POOL_LENGTH = 1024


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pretraining", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and model")
    parser.add_argument("--telemetry", type=Path, help="folder of CSV files series,interval,value")
    parser.add_argument("--from-model", type=Path, help="begin with the weights of this ONNX file")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--rate", type=float, default=Recipe.rate)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--series", type=int, default=100_000, help="synthetic series in the pool")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="minutes instead of hours, to try it")
    return parser.parse_args()


def main():
    given = arguments()
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    shape = Shape()
    recipe = Recipe(seed=given.seed, steps=given.steps, rate=given.rate)
    series = given.series
    if given.small:
        shape = Shape(context=128, width=32, inner=64, layers=2, heads=2)
        recipe = replace(recipe, steps=60, batch=32, warm_up=10, asked=4, log_every=10)
        series = 1000
    pool = synthetic(recipe.seed, -(-series // CHUNK), POOL_LENGTH, given.threads)
    held_back = synthetic(HELD_BACK_SEED, 2 if given.small else 8, shape.context + shape.horizon)
    recorded = telemetry(given.telemetry, POOL_LENGTH) if given.telemetry else None
    training = Training(shape, recipe, given.out)
    if training.checkpoint.exists():
        training.resume()
    elif given.from_model:
        training.start_from(read_weights(given.from_model, PatchForecaster(shape)))
    model = training.run(pool, recorded, held_back)
    export(model, given.out)


if __name__ == "__main__":
    main()
