"""The kinds of synthetic series, and how often each is drawn."""

import numpy as np

from pretraining.signals import (
    autoregressive,
    coloured,
    innovations,
    levels,
    log_uniform,
    pulses,
    ramps,
    random_walk,
    season,
    smooth,
    trend,
    unit,
)


def seasonal(rng, length):
    """One or two seasons, with or without trend, in noise; sum or product."""
    x = season(rng, length)
    if rng.random() < 0.35:
        x = x + rng.uniform(0.1, 1) * season(rng, length)
    if rng.random() < 0.6:
        x = x + log_uniform(rng, 0.05, 2) * slow(rng, length)
    noise = log_uniform(rng, 0.02, 1.5) * autoregressive(rng, length)
    if rng.random() < 0.25:  # noise that grows with the level
        return np.exp(rng.uniform(0.2, 1) * unit(x)) * np.exp(0.5 * noise)
    return x + noise


def slow(rng, length):
    kind = rng.integers(0, 4)
    if kind == 0:
        return trend(rng, length)
    if kind == 1:
        return random_walk(rng, length)
    if kind == 2:
        return smooth(rng, length, log_uniform(rng, 40, length))
    return autoregressive(rng, length, 1 - log_uniform(rng, 0.002, 0.05))


def kernels(rng, length):
    """Sums and products of samples of Gaussian processes (after KernelSynth, Chronos)."""
    parts = [smooth, coloured, trend, season, autoregressive, random_walk]
    x = parts[rng.integers(0, len(parts))](rng, length)
    for _ in range(rng.integers(0, 4)):
        other = parts[rng.integers(0, len(parts))](rng, length)
        x = x * other if rng.random() < 0.3 else x + log_uniform(rng, 0.2, 3) * other
    return x + log_uniform(rng, 0.001, 0.5) * unit(x).std() * rng.standard_normal(length)


def memory(rng, length):
    """Processes with memory only: nothing to see but how fast they forget."""
    kind = rng.integers(0, 4)
    if kind == 0:
        return autoregressive(rng, length)
    if kind == 1:
        return random_walk(rng, length) + log_uniform(rng, 0.001, 0.3) * innovations(rng, length)
    if kind == 2:
        return coloured(rng, length)
    return autoregressive(rng, length) + autoregressive(rng, length) * log_uniform(rng, 0.1, 3)


def regimes(rng, length):
    """Levels that change, in noise that may change with them."""
    x = levels(rng, length)
    noise = autoregressive(rng, length) * log_uniform(rng, 0.02, 0.7)
    if rng.random() < 0.3:
        noise = noise * np.exp(levels(rng, length))
    if rng.random() < 0.3:
        x = x + rng.uniform(0.1, 1) * season(rng, length)
    return x + noise


def bursts(rng, length):
    """Rest and bursts, as a processor's load or a queue shows."""
    x = pulses(rng, length) + log_uniform(rng, 0.005, 0.3) * np.abs(autoregressive(rng, length))
    if rng.random() < 0.4:
        x = x + rng.uniform(0.1, 1.5) * season(rng, length)
    return x


def counts(rng, length):
    """Events in an interval: Poisson with a rate that has seasons and memory."""
    rate = log_uniform(rng, 0.1, 300) * np.exp(
        rng.uniform(0, 1) * season(rng, length) + rng.uniform(0, 0.5) * slow(rng, length)
    )
    return rng.poisson(np.minimum(rate, 1e6)).astype(float)


def counters(rng, length):
    """What only grows, until it begins anew: bytes sent, a heap before it is collected."""
    growth = np.abs(regimes(rng, length)) if rng.random() < 0.5 else rng.gamma(2, 1, length)
    x = np.cumsum(growth)
    most = x[-1] * log_uniform(rng, 0.02, 2)
    if rng.random() < 0.3:
        return x
    return x % most


def saturated(rng, length):
    """Pressed against a limit: memory, a link, a utilisation of 100 per cent."""
    x = unit(seasonal(rng, length) if rng.random() < 0.5 else kernels(rng, length))
    low, high = np.quantile(x, sorted(rng.uniform(0, 1, 2)))
    if rng.random() < 0.4:
        low = -np.inf
    if high - low < 0.2:
        high = np.inf
    return np.clip(x, low, high) + 0.02 * rng.random() * rng.standard_normal(length)


def conditions(rng, length):
    """Rate of a link, delay, slowdown of a node: at rest with noise in proportion, then ramps,
    steps and pulses of trouble, on a logarithmic scale or not."""
    x = log_uniform(rng, 0.01, 0.15) * autoregressive(rng, length, rng.uniform(0, 0.95))
    if rng.random() < 0.5:
        x = x + log_uniform(rng, 0.02, 0.15) * np.sin(
            2 * np.pi * (np.arange(length) / log_uniform(rng, 20, 400) + rng.random())
        )
    trouble = rng.integers(0, 5)
    if trouble <= 1:
        x = x + ramps(rng, length)
    elif trouble == 2:
        x = x + levels(rng, length, log_uniform(rng, 60, 2 * length)) * log_uniform(rng, 0.1, 1.5)
    elif trouble == 3:
        x = x + pulses(rng, length) * log_uniform(rng, 0.1, 1.5)
    return np.exp(np.clip(x, -6, 6)) if rng.random() < 0.5 else x


def learning(rng, length):
    """Loss and norm of gradients: a fall that slows down, steps of the rate, trouble at times."""
    t = np.arange(length) + log_uniform(rng, 1, 400)
    x = rng.uniform(0, 0.6) + (t / t[0]) ** -rng.uniform(0.1, 1.2)
    noise = log_uniform(rng, 0.01, 0.3) * autoregressive(rng, length, rng.uniform(0, 0.7))
    x = x * np.exp(noise)
    if rng.random() < 0.4:
        x = x * np.exp(ramps(rng, length) * 0.7)
    if rng.random() < 0.2:
        x = x + pulses(rng, length) * 0.3
    return x


KINDS = {
    seasonal: 0.33,
    kernels: 0.14,
    memory: 0.09,
    regimes: 0.07,
    bursts: 0.07,
    counts: 0.05,
    counters: 0.03,
    saturated: 0.04,
    conditions: 0.12,
    learning: 0.06,
}


def draw(rng, length: int) -> np.ndarray:
    """One series, float32[length], NaN where missing."""
    kinds = list(KINDS)
    weights = np.array(list(KINDS.values()))
    x = kinds[rng.choice(len(kinds), p=weights / weights.sum())](rng, length)
    x = unit(x) if rng.random() < 0.7 else x
    x = x * log_uniform(rng, 1e-3, 1e3) + rng.choice([0, 0, 1]) * rng.normal() * 10
    if rng.random() < 0.12:  # as coarse as it is reported
        spread = x.std()
        step = spread * log_uniform(rng, 0.02, 0.7) if spread > 0 else 1.0
        x = np.round(x / step) * step
    if rng.random() < 0.1:  # outliers that say nothing
        hit = rng.random(length) < log_uniform(rng, 0.001, 0.02)
        x = x + hit * x.std() * rng.standard_t(2, length).clip(-30, 30) * 4
    x = np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)
    return x.astype(np.float32)
