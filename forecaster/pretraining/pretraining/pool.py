"""The series that are trained on: a pool in memory, drawn from seeds, and recorded telemetry."""

import csv
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from pretraining.kinds import draw

CHUNK = 500

# of the series that no model is trained on
HELD_BACK_SEED = 1_000_003


def _chunk(arguments):
    seed, index, length = arguments
    rng = np.random.default_rng([seed, index])
    return np.stack([draw(rng, length) for _ in range(CHUNK)])


def synthetic(seed: int, chunks: int, length: int, processes: int = 1) -> np.ndarray:
    """float32[chunks * CHUNK, length]: the same for the same seed, whatever the processes."""
    tasks = [(seed, index, length) for index in range(chunks)]
    if processes == 1:
        return np.concatenate([_chunk(task) for task in tasks])
    with get_context("spawn").Pool(processes) as workers:
        return np.concatenate(workers.map(_chunk, tasks, chunksize=1))


def telemetry(folder: Path, length: int, least: int = 96) -> np.ndarray:
    """Recorded series, float32[series, length], NaN before their start and where missing.

    Files are CSV with a header `series,interval,value`, rows of a series in order; longer ones
    are cut into pieces that overlap by half. Of positive pieces two in three are logarithms, as the
    service forecasts most of what it watches.
    """
    pieces = []
    rng = np.random.default_rng(len(list(folder.glob("*.csv"))))
    for path in sorted(folder.glob("*.csv")):
        for values in read(path).values():
            if np.isfinite(values).sum() < least or np.nanstd(values) == 0:
                continue
            for start in range(0, max(1, len(values) - length // 2), length // 2):
                part = values[start : start + length]
                piece = np.full(length, np.nan, np.float32)
                piece[length - len(part) :] = part
                if np.isfinite(part).sum() >= least:
                    logarithm = np.nanmin(part) > 0 and rng.random() < 2 / 3
                    pieces.append(np.log(piece) if logarithm else piece)
    if not pieces:
        raise SystemExit(f"no series of {least} values or more in {folder}/*.csv")
    return np.stack(pieces)


def read(path: Path) -> dict[str, np.ndarray]:
    """The series of a file by name, NaN where an interval is missing."""
    rows: dict[str, list[tuple[int, float]]] = {}
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["series", "interval", "value"]:
            raise SystemExit(f"{path}: expected the header series,interval,value")
        for row in reader:
            value = float(row["value"]) if row["value"] else np.nan
            rows.setdefault(row["series"], []).append((int(row["interval"]), value))
    series = {}
    for name, points in rows.items():
        first = points[0][0]
        values = np.full(points[-1][0] - first + 1, np.nan, np.float32)
        for interval, value in points:
            if interval >= first:
                values[interval - first] = value
        series[name] = values
    return series
