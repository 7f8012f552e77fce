"""Batches: crops of the pool, mixed, bent and with holes, so that no two are the same."""

import numpy as np

SPREAD_FLOOR = 1e-12


class Batches:
    """Crops of context + horizon values, float32[size, length], NaN for missing.

    A share of each batch is recorded telemetry, where there is any.
    """

    def __init__(self, pool, recorded, length: int, size: int, share: float, seed: int):
        self.pool, self.recorded, self.length, self.size = pool, recorded, length, size
        self.share = share if recorded is not None else 0.0
        self.rng = np.random.default_rng(seed)

    def next(self) -> np.ndarray:
        rng = self.rng
        told = int(round(self.share * self.size))
        x = self._crops(self.pool, self.size - told)
        self._mix(x)
        if told:
            x = np.concatenate((x, self._crops(self.recorded, told)))
        flip = rng.random(len(x)) < 0.25
        x[flip] = -x[flip]
        self._bend(x)
        self._holes(x)
        return x

    def _crops(self, pool, count: int) -> np.ndarray:
        rows = self.rng.integers(0, len(pool), count)
        starts = self.rng.integers(0, pool.shape[1] - self.length + 1, count)
        return pool[rows[:, None], starts[:, None] + np.arange(self.length)].astype(np.float32)

    def _mix(self, x: np.ndarray):
        """Some series become weighted sums of two (after TSMixup, Ansari et al. 2024)."""
        count = len(x) // 5
        centred = _unit(x)
        part = self.rng.uniform(0.1, 0.9, (count, 1)).astype(np.float32)
        x[:count] = part * centred[:count] + (1 - part) * centred[len(x) - count :]

    def _bend(self, x: np.ndarray):
        """Some series get another size or slope along the way."""
        rng = self.rng
        ramp = np.linspace(0, 1, self.length, dtype=np.float32)
        some = np.flatnonzero(rng.random(len(x)) < 0.1)
        x[some] *= np.exp(rng.normal(0, 0.5, (len(some), 1)) * ramp).astype(np.float32)
        some = np.flatnonzero(rng.random(len(x)) < 0.1)
        spread = _spread(x[some])
        x[some] += (rng.normal(0, 1.5, (len(some), 1)) * spread * ramp).astype(np.float32)

    def _holes(self, x: np.ndarray):
        """Values missing one by one, in a block, or before the series began."""
        rng = self.rng
        some = np.flatnonzero(rng.random(len(x)) < 0.12)
        rate = rng.uniform(0, 0.4, (len(some), 1))
        x[some] = np.where(rng.random((len(some), self.length)) < rate, np.nan, x[some])
        for row in np.flatnonzero(rng.random(len(x)) < 0.08):
            start = rng.integers(0, self.length)
            x[row, start : start + rng.integers(1, 100)] = np.nan
        for row in np.flatnonzero(rng.random(len(x)) < 0.25):
            x[row, : rng.integers(1, self.length - 110)] = np.nan


def _spread(x: np.ndarray) -> np.ndarray:
    """Standard deviation of what is there, float[series, 1]; 0 where nothing is."""
    there = ~np.isnan(x)
    count = np.maximum(there.sum(axis=1, keepdims=True), 1)
    mean = np.where(there, x, 0).sum(axis=1, keepdims=True) / count
    apart = np.where(there, x - mean, 0)
    return np.sqrt((apart * apart).sum(axis=1, keepdims=True) / count)


def _unit(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=1, keepdims=True)) / np.maximum(_spread(x), SPREAD_FLOOR)
