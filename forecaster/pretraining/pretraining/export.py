"""The trained model as ONNX files, in full precision and with weights of 8 bits."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from pretraining.model import PatchForecaster, Served

FULL = "forecaster.onnx"
SMALL = "forecaster-int8.onnx"
TURNED = "turned."


def export(model: PatchForecaster, out: Path):
    """Writes both files; the version is a digest of the weights."""
    served = Served(model).eval()
    context = torch.zeros(2, model.shape.context)
    full = out / FULL
    torch.onnx.export(
        served,
        (context,),
        full,
        input_names=["context"],
        output_names=["quantiles"],
        dynamic_axes={"context": {0: "batch", 1: "length"}, "quantiles": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    _name_weights(full, model)
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.numpy().tobytes())
    _describe(full, digest.hexdigest()[:8], "fp32")
    quantize_dynamic(full, out / SMALL, weight_type=QuantType.QInt8, per_channel=True)
    _describe(out / SMALL, digest.hexdigest()[:8] + "-int8", "int8")


def _name_weights(path: Path, model: PatchForecaster):
    """The exporter names matrices by number and turns them; here each gets its name again."""
    exported = onnx.load(path)
    values = {t.name: numpy_helper.to_array(t) for t in exported.graph.initializer}
    known = {f"model.{name}" for name, _ in model.named_parameters()}
    renamed = {}
    for name, weight in model.named_parameters():
        if f"model.{name}" not in values:
            turned = weight.detach().numpy().T
            found = next(
                key
                for key, value in values.items()
                if key not in known and key not in renamed and np.array_equal(value, turned)
            )
            renamed[found] = TURNED + name
    for tensor in exported.graph.initializer:
        tensor.name = renamed.get(tensor.name, tensor.name)
    for node in exported.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = renamed.get(name, name)
    onnx.save(exported, path)


def _describe(path: Path, version: str, precision: str):
    model = onnx.load(path)
    onnx.helper.set_model_props(
        model, {"version": version, "precision": precision, "license": "Apache-2.0"}
    )
    onnx.checker.check_model(model)
    onnx.save(model, path)


def read_weights(path: Path, model: PatchForecaster) -> dict[str, torch.Tensor]:
    """The weights of an exported full-precision model, to go on training from them."""
    kept = {
        tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer
    }
    weights = {}
    for name, value in model.named_parameters():
        found = kept.get(f"model.{name}")
        if found is None and TURNED + name in kept:
            found = kept[TURNED + name].T
        if found is None or found.shape != tuple(value.shape):
            raise SystemExit(
                f"{path}: expected weights {name} of shape {tuple(value.shape)}, was "
                f"{'nothing' if found is None else found.shape}; give a model this recipe exported"
            )
        weights[name] = torch.from_numpy(np.array(found))
    return weights
