"""Parts that synthetic series are composed of. Each takes a numpy generator first and gives
float64[length] unless said otherwise."""

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

# in values: hours of a day and a week, then days in quarters of an hour, in 10, 5 and 6 minutes
PERIODS = (24, 24, 24, 168, 48, 96, 96, 144, 288, 288, 288, 288, 240, 200, 250)
PERIODS += (12, 12, 7, 60, 30, 52, 365, 4, 5, 6, 8, 10)


def unit(x: np.ndarray) -> np.ndarray:
    """Of mean 0 and spread 1; a constant becomes 0."""
    x = x - x.mean()
    spread = x.std()
    return x / spread if spread > 1e-12 else x


def log_uniform(rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def innovations(rng, length: int) -> np.ndarray:
    """White noise: normal, Student's t, Laplace, or mostly still."""
    kind = rng.integers(0, 8)
    if kind < 4:
        return rng.standard_normal(length)
    if kind < 6:
        return np.clip(rng.standard_t(rng.uniform(1.7, 6), length), -40, 40)
    if kind == 6:
        return rng.laplace(size=length)
    return rng.standard_normal(length) * (rng.random(length) < rng.uniform(0.05, 0.5))


def autoregressive(rng, length: int, memory: float | None = None) -> np.ndarray:
    """A stable process of order one or two, unit spread."""
    noise = innovations(rng, length + 200)
    if memory is None:
        memory = 1 - log_uniform(rng, 0.005, 1)
    poles = [1, -memory]
    if rng.random() < 0.3:
        second = rng.uniform(-0.5, 0.9)
        poles = np.convolve(poles, [1, -second])
    elif rng.random() < 0.2:  # a damped wave
        radius, angle = rng.uniform(0.8, 0.99), 2 * np.pi / log_uniform(rng, 4, 200)
        poles = [1, -2 * radius * np.cos(angle), radius * radius]
    return unit(lfilter([1], poles, noise)[200:])


def random_walk(rng, length: int) -> np.ndarray:
    steps = innovations(rng, length)
    if rng.random() < 0.3:  # a smooth one
        steps = np.cumsum(steps)
    return unit(np.cumsum(steps))


def coloured(rng, length: int) -> np.ndarray:
    """Noise with a spectrum that falls as a power of the frequency, from white to smooth."""
    exponent = rng.uniform(0.2, 3)
    frequency = np.fft.rfftfreq(2 * length)
    frequency[0] = frequency[1]
    spectrum = rng.standard_normal(length + 1) + 1j * rng.standard_normal(length + 1)
    return unit(np.fft.irfft(spectrum * frequency ** (-exponent / 2))[:length])


def smooth(rng, length: int, scale: float | None = None) -> np.ndarray:
    """A sample of a Gaussian process with a squared-exponential kernel."""
    scale = scale if scale is not None else log_uniform(rng, 3, length / 2)
    return unit(gaussian_filter1d(rng.standard_normal(length), scale, mode="wrap"))


def shape_of_day(rng, period: int) -> np.ndarray:
    """One cycle of a season, any form: float[period], unit spread."""
    kind = rng.integers(0, 7)
    phase = np.arange(period) / period
    if kind == 0:  # few harmonics
        cycle = np.zeros(period)
        for k in range(1, rng.integers(2, 6)):
            cycle += rng.normal() / k ** rng.uniform(0.3, 1.5) * np.cos(
                2 * np.pi * (k * phase + rng.random())
            )
    elif kind <= 2:  # a free form, more or less smooth
        cycle = gaussian_filter1d(
            rng.standard_normal(period), period * log_uniform(rng, 0.01, 0.15), mode="wrap"
        )
    elif kind == 3:  # hours of work
        begin, end = np.sort(rng.random(2))
        edge = log_uniform(rng, 0.002, 0.08)
        cycle = np.tanh((phase - begin) / edge) - np.tanh((phase - end) / edge)
        cycle = cycle + 0.3 * rng.random() * gaussian_filter1d(
            rng.standard_normal(period), max(1, period / 20), mode="wrap"
        )
    elif kind == 4:  # two peaks
        cycle = sum(
            rng.uniform(0.3, 1)
            * np.exp(-0.5 * (((phase - at + 0.5) % 1 - 0.5) / rng.uniform(0.02, 0.12)) ** 2)
            for at in rng.random(rng.integers(1, 4))
        )
    elif kind == 5:  # a job that runs at certain times
        cycle = np.zeros(period)
        for _ in range(rng.integers(1, 4)):
            start, size = rng.integers(0, period), max(1, int(period * log_uniform(rng, 0.01, 0.2)))
            cycle[(start + np.arange(size)) % period] += rng.uniform(0.3, 1)
    else:  # a sawtooth
        cycle = (phase + rng.random()) % 1
        cycle = cycle if rng.random() < 0.5 else -cycle
    return unit(np.roll(cycle, rng.integers(0, period)))


def period_of(rng, length: int) -> int:
    if rng.random() < 0.75:
        return int(rng.choice(PERIODS))
    return int(log_uniform(rng, 4, length / 3))


def season(rng, length: int, period: int | None = None) -> np.ndarray:
    """A cycle that repeats, with what changes between repetitions: size, level, days off."""
    period = period or period_of(rng, length)
    cycle = shape_of_day(rng, period)
    cycles = length // period + 2
    size = np.ones(cycles)
    level = np.zeros(cycles)
    if rng.random() < 0.5:  # a week of cycles
        week = 7 if rng.random() < 0.8 else int(rng.integers(2, 13))
        of_week = np.ones(week)
        of_week[: rng.integers(1, max(2, week // 3) + 1)] = rng.uniform(-0.2, 0.9)
        of_week += rng.uniform(0, 0.15) * rng.standard_normal(week)
        size = np.resize(np.roll(of_week, rng.integers(0, week)), cycles)
        level = rng.choice([0, 1]) * np.resize(rng.normal(0, 0.4, week), cycles)
    if rng.random() < 0.5:
        size = size * np.exp(rng.uniform(0.02, 0.4) * random_walk(rng, cycles))
    if rng.random() < 0.4:
        size = size * np.exp(rng.uniform(0.02, 0.3) * rng.standard_normal(cycles))
    if rng.random() < 0.3:
        level = level + rng.uniform(0.05, 0.5) * rng.standard_normal(cycles)
    start = rng.integers(0, period)
    x = (size[:, None] * cycle + level[:, None]).ravel()[start : start + length]
    if rng.random() < 0.15:  # the cycle itself wanders
        other = np.resize(np.roll(shape_of_day(rng, period), -start), length)
        part = np.clip(0.5 + 0.5 * smooth(rng, length, length / 6), 0, 1)
        x = part * x + (1 - part) * other
    return x


def trend(rng, length: int) -> np.ndarray:
    """A line, a curve, or a broken line."""
    t = np.linspace(0, 1, length)
    kind = rng.integers(0, 5)
    if kind == 0:
        x = t
    elif kind == 1:
        x = np.exp(rng.uniform(-4, 4) * t)
    elif kind == 2:
        x = 1 / (1 + np.exp(-(t - rng.random()) / log_uniform(rng, 0.01, 0.3)))
    elif kind == 3:
        x = (t + rng.uniform(0.002, 0.3)) ** -rng.uniform(0.2, 1.5)
    else:
        knots = np.sort(rng.random(rng.integers(1, 8)))
        x = np.interp(t, np.r_[0, knots, 1], rng.standard_normal(len(knots) + 2))
    return unit(x) * rng.choice([-1, 1])


def levels(rng, length: int, mean_stay: float | None = None) -> np.ndarray:
    """Piecewise constant: states that are left at random, from a few or ever new ones."""
    stay = mean_stay or log_uniform(rng, 8, length)
    changes = rng.random(length) < 1 / stay
    which = np.cumsum(changes)
    states = rng.standard_normal(which[-1] + 1)
    if rng.random() < 0.5:
        few = rng.standard_normal(rng.integers(2, 5))
        states = few[rng.integers(0, len(few), which[-1] + 1)]
    return states[which]


def pulses(rng, length: int) -> np.ndarray:
    """Bursts that come at random, rise and decay; 0 between them."""
    rate = log_uniform(rng, 0.001, 0.08)
    size = np.where(rng.random(length) < rate, np.exp(rng.uniform(0.1, 0.8) * rng.standard_normal(length)), 0)
    kind = rng.integers(0, 3)
    if kind == 0:
        return size
    if kind == 1:
        return lfilter([1], [1, -(1 - log_uniform(rng, 0.02, 0.7))], size)
    return np.convolve(size, np.ones(int(log_uniform(rng, 2, 40))))[:length]


def ramps(rng, length: int) -> np.ndarray:
    """Level, then a slope from some time on, perhaps up to a stop, perhaps back."""
    x = np.zeros(length)
    at = 0
    while at < length:
        at += int(rng.exponential(length / 3))
        rise = int(log_uniform(rng, 5, 250))
        stay = int(log_uniform(rng, 5, 400))
        amount = rng.normal() * rng.choice([0.3, 1, 3])
        back = rng.random() < 0.6
        knots = [at, at + rise, at + rise + stay, at + rise + stay + int(log_uniform(rng, 2, 200))]
        t = np.arange(length)
        x += np.interp(t, knots, [0, amount, amount, 0 if back else amount])
        at = knots[3]
    return x
