"""A causal patch transformer that forecasts quantiles of one series.

The context is cut into patches; each patch, with the one before it, becomes a token; tokens attend
to earlier tokens (rotary positions, so that a head can look one season back); each token says
quantiles of the values that follow its patch. Training asks many tokens of a series at once, as a
decoder-only model does (Das et al. 2024, TimesFM), serving asks the last one.

Values are normalised per series: mean and spread of the values kept within four spreads, then the
inverse hyperbolic sine, which bounds what an outlier can do (Ansari et al. 2025, Chronos-2).
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = tuple(round(0.1 * i, 1) for i in range(1, 10))


@dataclass(frozen=True)
class Shape:
    """Sizes of the model.

    context and horizon are in values, patch divides context; width is a multiple of twice heads.
    """

    context: int = 512
    horizon: int = 64
    patch: int = 16
    width: int = 128
    inner: int = 256
    layers: int = 6
    heads: int = 4

    def __post_init__(self):
        if self.context % self.patch:
            raise ValueError(f"context {self.context} must be a multiple of patch {self.patch}")
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of {2 * self.heads}")

    @property
    def tokens(self) -> int:
        return self.context // self.patch

    def as_dict(self) -> dict:
        return asdict(self)


def asinh(x: Tensor) -> Tensor:
    """Inverse hyperbolic sine, of operations that ONNX has in every version."""
    size = x.abs()
    return x.sign() * torch.log(size + torch.sqrt(size * size + 1))


class Norm:
    """Centre and spread of each series, float[batch, 1]."""

    CLIP = 4.0
    FLOOR = 1e-6

    def __init__(self, values: Tensor, present: Tensor):
        count = present.sum(1, keepdim=True).clamp(min=1)
        mean, spread = self._moments(values, present, count)
        low, high = mean - self.CLIP * spread, mean + self.CLIP * spread
        kept = torch.minimum(torch.maximum(values, low), high) * present
        self.center, self.spread = self._moments(kept, present, count)

    def _moments(self, values: Tensor, present: Tensor, count: Tensor):
        mean = (values * present).sum(1, keepdim=True) / count
        apart = (values - mean) * present
        spread = torch.sqrt((apart * apart).sum(1, keepdim=True) / count)
        # a constant series: its own size is the unit, so that a forecast scales with it
        return mean, torch.maximum(spread, self.FLOOR * mean.abs() + 1e-12)

    def normalise(self, values: Tensor) -> Tensor:
        return asinh((values - self.center) / self.spread)

    def restore(self, normal: Tensor) -> Tensor:
        """Of float[batch, ...] back to the scale of the series."""
        extra = (1,) * (normal.dim() - 2)
        center = self.center.view(-1, 1, *extra)
        spread = self.spread.view(-1, 1, *extra)
        bounded = normal.clamp(-12, 12)
        return (bounded.exp() - (-bounded).exp()) * (0.5 * spread) + center


class Rotary(nn.Module):
    """Rotary positions (Su et al. 2021) of float[batch, heads, tokens, part]."""

    def __init__(self, tokens: int, part: int):
        super().__init__()
        # wavelengths from two tokens to four times the context
        rates = 2 * math.pi / torch.logspace(math.log10(2), math.log10(4 * tokens), part // 2)
        angles = torch.arange(tokens).float().outer(rates)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        a, b = x.chunk(2, dim=-1)
        cos, sin = self.cos[start : start + x.shape[2]], self.sin[start : start + x.shape[2]]
        return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class Block(nn.Module):
    """Attention and a gated layer, normalised first; `last` gives the last token alone."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.query = nn.Linear(shape.width, shape.width, bias=False)
        self.key_value = nn.Linear(shape.width, 2 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.before_inner = nn.LayerNorm(shape.width)
        self.rise = nn.Linear(shape.width, shape.inner)
        self.fall = nn.Linear(shape.inner, shape.width)
        self.rotary = Rotary(shape.tokens, shape.width // shape.heads)

    def forward(self, x: Tensor, allowed: Tensor, last: bool = False) -> Tensor:
        normal = self.before_attention(x)
        asked = normal[:, -1:] if last else normal
        q = self._split(self.query(asked))
        k, v = (self._split(part) for part in self.key_value(normal).chunk(2, dim=-1))
        q = self.rotary(q, k.shape[2] - q.shape[2])
        k = self.rotary(k)
        mask = allowed[:, :, -1:] if last else allowed
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = (x[:, -1:] if last else x) + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.fall(functional.silu(self.rise(self.before_inner(x))))

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)


class PatchForecaster(nn.Module):
    """float[batch, length] on the normal scale, 0 where missing, to quantiles; length is a multiple
    of the patch, at most the context."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        seen = 4 * shape.patch  # values and masks of two patches
        self.embed = nn.Linear(seen, shape.width)
        self.embed_inner = nn.Sequential(
            nn.Linear(seen, shape.inner), nn.SiLU(), nn.Linear(shape.inner, shape.width)
        )
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.head_inner = nn.Linear(shape.width, shape.inner)
        self.head = nn.Linear(shape.inner, len(LEVELS) * shape.horizon)
        self.head_direct = nn.Linear(shape.width, len(LEVELS) * shape.horizon)
        square = torch.ones(shape.tokens, shape.tokens, dtype=torch.bool)
        self.register_buffer("causal", square.tril(), persistent=False)
        self.register_buffer("itself", square.tril() & square.triu(), persistent=False)

    def forward(self, normal: Tensor, present: Tensor, asked: Tensor | None = None) -> Tensor:
        """Quantiles float[batch, asked, levels, horizon] on the normal scale.

        present is 1 where a value is there, else 0; asked int[count] are tokens, None the last.
        """
        shape = self.shape
        cut = (normal.shape[0], -1, shape.patch)
        patches = torch.cat((normal.reshape(cut), present.reshape(cut)), -1)
        before = functional.pad(patches[:, :-1], (0, 0, 1, 0))
        seen = torch.cat((before, patches), -1)
        x = self.embed(seen) + self.embed_inner(seen)
        there = present.reshape(cut).amax(-1) > 0
        count = x.shape[1]
        causal, itself = self.causal[:count, :count], self.itself[:count, :count]
        allowed = ((there[:, None, :] & causal) | itself)[:, None]
        for block in self.blocks[:-1]:
            x = block(x, allowed)
        x = self.blocks[-1](x, allowed, last=asked is None)
        x = self.norm(x if asked is None else x[:, asked])
        said = self.head(functional.silu(self.head_inner(x))) + self.head_direct(x)
        return said.unflatten(-1, (len(LEVELS), shape.horizon))


class Served(nn.Module):
    """What is exported: `context` float[batch, length], NaN for missing, to `quantiles`
    float[batch, 9, horizon] on the scale of the series, not falling from level to level. Of a
    length beyond the model's context the last values count; a shorter one costs less."""

    def __init__(self, model: PatchForecaster):
        super().__init__()
        self.model = model

    def forward(self, context: Tensor) -> Tensor:
        context = self._whole_patches(context[:, -self.model.shape.context :])
        missing = torch.isnan(context)
        present = 1.0 - missing.to(context.dtype)
        values = torch.where(missing, torch.zeros_like(context), context)
        norm = Norm(values, present)
        normal = norm.normalise(values) * present
        said = self.model(normal, present)[:, 0]
        return torch.sort(norm.restore(said), dim=1).values

    def _whole_patches(self, context: Tensor) -> Tensor:
        """Missing values before the first make the length a multiple of the patch."""
        patch = self.model.shape.patch
        before = torch.full_like(context[:, :1], torch.nan).expand(-1, patch)
        surplus = (context.shape[1] - 1) % patch + 1
        return torch.cat((before, context), dim=1)[:, surplus:]


def pinball(said: Tensor, actual: Tensor, there: Tensor) -> Tensor:
    """Twice the quantile loss, mean over what is there: float[..., levels, horizon] against
    float[..., horizon]. The median's share is the absolute error."""
    levels = torch.tensor(LEVELS, dtype=said.dtype, device=said.device)[:, None]
    error = actual.unsqueeze(-2) - said
    loss = 2 * torch.maximum(levels * error, (levels - 1) * error)
    weight = there.unsqueeze(-2)
    return (loss * weight).sum() / (weight.sum() * len(LEVELS)).clamp(min=1)
