"""Training: quantile loss on many tokens of each series at once."""

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from pretraining.batches import Batches
from pretraining.model import Norm, PatchForecaster, Shape, pinball

NEAR = 5.0
FURTHEST = 8.0  # on the normal scale: what lies further is no more wrong than this


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. share: of each batch, recorded telemetry."""

    seed: int = 1
    steps: int = 12_000
    batch: int = 128
    rate: float = 1.5e-3
    warm_up: int = 400
    decay: float = 0.05
    asked: int = 8
    share: float = 0.35
    average: float = 0.998
    log_every: int = 100

    def as_dict(self) -> dict:
        return asdict(self)


def loss_of(model: PatchForecaster, series: torch.Tensor, asked: torch.Tensor, pick: torch.Tensor, ahead=1):
    """Loss of float[batch, context + horizon], NaN for missing.

    asked are tokens in order; series i is normalised by what lies before the end of token
    asked[pick[i]], and judged on that token and the later ones, so that nothing of the future is
    in the scale. ahead float[horizon] is how much each interval ahead counts, else all as much.
    """
    shape = model.shape
    there = (~torch.isnan(series)).float()
    values = torch.nan_to_num(series)
    ends = (asked + 1) * shape.patch
    position = torch.arange(shape.context)
    known = there[:, : shape.context] * (position < ends[pick][:, None])
    norm = Norm(values[:, : shape.context], known)
    normal = norm.normalise(values).clamp(-FURTHEST, FURTHEST) * there
    context, present = normal[:, : shape.context], there[:, : shape.context]
    said = model(context, present, asked)
    columns = ends[:, None] + torch.arange(shape.horizon)
    judged = (torch.arange(len(asked)) >= pick[:, None]).float()[..., None]
    enough = (known.sum(1) >= 32).float()[:, None, None]
    return pinball(said.float(), normal[:, columns], there[:, columns] * judged * enough * ahead)


def nearness(horizon: int) -> torch.Tensor:
    """How much each interval ahead counts in training: the first nearly four times the 64th, else
    what is near is lost among the many that are far."""
    return (torch.arange(horizon) + NEAR) ** -0.5


def rate_at(recipe: Recipe, step: int) -> float:
    """Share of the highest rate: warm-up, then half a cosine."""
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


def asked_tokens(rng, tokens: int, count: int) -> np.ndarray:
    """Tokens to judge, in order: the last always, none before the third."""
    others = rng.choice(np.arange(2, tokens - 1), min(count, tokens - 2) - 1, replace=False)
    return np.append(np.sort(others), tokens - 1)


@torch.no_grad()
def judge(model: PatchForecaster, held_back: np.ndarray) -> float:
    """Loss of the last token on series that are not trained on."""
    last = torch.tensor([model.shape.tokens - 1])
    losses = []
    for start in range(0, len(held_back), 512):
        part = torch.from_numpy(held_back[start : start + 512])
        losses.append(float(loss_of(model, part, last, torch.zeros(len(part), dtype=torch.long))))
    return float(np.mean(losses))


class Training:
    """A run that can be stopped and taken up: weights, moments, average and step are kept."""

    def __init__(self, shape: Shape, recipe: Recipe, out: Path):
        torch.manual_seed(recipe.seed)
        self.shape, self.recipe, self.out = shape, recipe, out
        self.model = PatchForecaster(shape)
        self.average = PatchForecaster(shape)
        self.average.load_state_dict(self.model.state_dict())
        self.step = 0
        self.curve: list[dict] = []
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.rate,
            betas=(0.9, 0.98),
        )

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def resume(self):
        kept = torch.load(self.checkpoint, weights_only=True)
        self.model.load_state_dict(kept["model"])
        self.average.load_state_dict(kept["average"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.step, self.curve = kept["step"], kept["curve"]

    def start_from(self, weights: dict):
        """Begins with the weights of another run; step and moments begin anew."""
        self.model.load_state_dict(weights)
        self.average.load_state_dict(weights)

    def keep(self):
        partial = self.checkpoint.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "curve": self.curve,
            },
            partial,
        )
        partial.replace(self.checkpoint)
        (self.out / "curve.json").write_text(json.dumps(self.curve, indent=1) + "\n")

    def run(self, pool: np.ndarray, recorded: np.ndarray | None, held_back: np.ndarray):
        recipe, shape = self.recipe, self.shape
        length = shape.context + shape.horizon
        batches = Batches(
            pool, recorded, length, recipe.batch, recipe.share, recipe.seed * 7919 + self.step
        )
        rng = np.random.default_rng([recipe.seed, self.step])
        ahead = nearness(shape.horizon)
        sums, began = [], time.monotonic()
        while self.step < recipe.steps:
            for group in self.optimizer.param_groups:
                group["lr"] = recipe.rate * rate_at(recipe, self.step)
            asked = asked_tokens(rng, shape.tokens, recipe.asked)
            pick = rng.integers(0, len(asked), recipe.batch)
            pick[rng.random(recipe.batch) < 0.2] = len(asked) - 1
            series = torch.from_numpy(batches.next())
            tokens = torch.from_numpy(asked), torch.from_numpy(pick)
            loss = loss_of(self.model, series, *tokens, ahead)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.step += 1
            self._average()
            sums.append(float(loss.detach()))
            if self.step % recipe.log_every == 0 or self.step == recipe.steps:
                row = {"step": self.step, "loss": round(float(np.mean(sums)), 5)}
                if self.step % (10 * recipe.log_every) == 0 or self.step == recipe.steps:
                    row["held_back"] = round(judge(self.average, held_back), 5)
                self.curve.append(row)
                per_second = len(sums) * recipe.batch / (time.monotonic() - began)
                print(json.dumps(row), f"{per_second:.0f} series/s", flush=True)
                sums, began = [], time.monotonic()
                if "held_back" in row:
                    self.keep()
        return self.average

    @torch.no_grad()
    def _average(self):
        part = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        for kept, new in zip(self.average.parameters(), self.model.parameters(), strict=True):
            kept.lerp_(new, 1 - part)
