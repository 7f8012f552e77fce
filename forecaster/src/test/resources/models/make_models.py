"""Makes the small ONNX models of the tests: python make_models.py, with onnx 1.16 or later.

A model that is as it should be takes `context`, float[batch, length] with NaN for what is missing,
and gives `quantiles`, float[batch, 9, horizon]. Nearly all here forecast the last value present plus
an offset for each level, which makes what they say easy to check. Most are wrong in one way, which
their name tells.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
HORIZON = 16
OPSET = 17
IR = 8
LEVELS = 9


def widening(levels=LEVELS, horizon=HORIZON):
    """Offsets of -0.4 to 0.4 after one step, in proportion to the square root of the steps."""
    distances = 0.1 * (np.arange(levels) - levels // 2)
    return np.outer(distances, np.sqrt(np.arange(1, horizon + 1)))


def rising():
    return widening() + np.arange(1, HORIZON + 1)


class Model:
    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.constants = []
        self.metadata = {}

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def last(self, context, kind=np.float32):
        """The last value present of each row, 0 where there is none: [batch, 1]."""
        missing = self.node("IsNaN", [context], "missing")
        present = self.node("Not", [missing], "present")
        zero = self.constant("zero", np.array(0, kind))
        filled = self.node("Where", [missing, zero, context], "filled")
        ones = self.node("Cast", [present], "ones", to=TensorProto.INT64)
        axis = self.constant("axis", np.array(1, np.int64))
        count = self.node("CumSum", [ones, axis], "count")
        # the first position that has the largest count is that of the last value present
        at = self.node("ArgMax", [count], "at", axis=1, keepdims=1, select_last_index=0)
        return self.node("GatherElements", [filled, at], "last", axis=1)

    def quantiles(self, last, offsets, output="quantiles", kind=np.float32):
        shape = self.constant("shape", np.array([-1, 1, 1], np.int64))
        cube = self.node("Reshape", [last, shape], "cube")
        levels, horizon = offsets.shape
        shift = self.constant("offsets", offsets.reshape(1, levels, horizon).astype(kind))
        return self.node("Add", [cube, shift], output)

    def hide(self, cube, axis, length):
        """The same values along an axis whose length nobody knows before the model has run."""
        steps = self.constant("steps", np.arange(1, length + 1))
        total = self.node("ReduceMax", ["count"], "total", keepdims=0)
        none = self.node("Sub", [total, total], "none")
        keep = self.node("Greater", [steps, none], "keep")
        return self.node("Compress", [cube, keep], "quantiles", axis=axis)

    def save(self, inputs, outputs):
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        for key, value in self.metadata.items():
            entry = model.metadata_props.add()
            entry.key = key
            entry.value = value
        onnx.checker.check_model(model)
        onnx.save(model, HERE / (self.name + ".onnx"))


def given(name="context", shape=("batch", "length"), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def said(name="quantiles", shape=("batch", LEVELS, HORIZON), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def simple(name, offsets=None, context=None, quantiles=None, version="test-1"):
    """A model of the usual form, whose declared input and output may differ from it."""
    context = context or given()
    quantiles = quantiles or said()
    model = Model(name)
    if version:
        model.metadata["version"] = version
    kind = np.float64 if context.type.tensor_type.elem_type == TensorProto.DOUBLE else np.float32
    last = model.last(context.name, kind)
    model.quantiles(last, widening() if offsets is None else offsets, quantiles.name, kind)
    model.save([context], [quantiles])


def right_ones():
    simple("last-value")
    simple("rising", offsets=rising())
    simple("crossing", offsets=-widening())
    simple("no-version", version=None)
    simple("odd-version", version="one / two")
    simple("fixed-length", context=given(shape=("batch", 128)))
    simple("fixed-batch", context=given(shape=(4, "length")), quantiles=said(shape=(4, 9, HORIZON)))

    model = Model("symbolic-horizon")
    model.hide(model.quantiles(model.last("context"), widening(), "cube9"), axis=2, length=HORIZON)
    model.save([given()], [said(shape=("batch", LEVELS, "horizon"))])


def matrices():
    """Multiplies matrices, as real models do, with weights that nobody has learnt."""
    width = 32
    model = Model("matrices")
    missing = model.node("IsNaN", ["context"], "missing")
    zero = model.constant("zero", np.array(0, np.float32))
    filled = model.node("Where", [missing, zero, "context"], "filled")
    patches = model.node(
        "Reshape", [filled, model.constant("by16", np.array([0, -1, 16]))], "patches")
    weights = model.constant(
        "weights", np.sin(np.arange(16 * width)).reshape(16, width).astype(np.float32))
    hidden = model.node("Relu", [model.node("MatMul", [patches, weights], "product")], "hidden")
    row = model.node("ReduceMean", [hidden], "row", axes=[1], keepdims=0)
    count = LEVELS * HORIZON
    last = model.constant(
        "more", np.cos(np.arange(width * count)).reshape(width, count).astype(np.float32))
    flat = model.node("MatMul", [row, last], "flat")
    shape = model.constant("shape", np.array([-1, LEVELS, HORIZON]))
    model.node("Reshape", [flat, shape], "quantiles")
    model.save([given()], [said()])


def wrong_ones():
    simple("input-name", context=given(name="series"))
    simple("input-type", context=given(kind=TensorProto.DOUBLE),
           quantiles=said(kind=TensorProto.DOUBLE))
    simple("short-length", context=given(shape=("batch", 32)))
    simple("empty-batch", context=given(shape=(0, "length")), quantiles=said(shape=(0, 9, HORIZON)))
    simple("output-name", quantiles=said(name="forecast"))
    simple("seven-quantiles", offsets=widening(7), quantiles=said(shape=("batch", 7, HORIZON)))

    model = Model("seven-hidden")
    cube = model.quantiles(model.last("context"), widening(7), "cube7")
    model.hide(cube, axis=1, length=7)
    model.save([given()], [said(shape=("batch", "levels", HORIZON))])

    model = Model("input-rank")
    flat = model.node("Squeeze", ["context", model.constant("third", np.array([2]))], "flat")
    model.quantiles(model.last(flat), widening())
    model.save([given(shape=("batch", "length", 1))], [said()])

    model = Model("two-inputs")
    last = model.node("Add", [model.last("context"), "more"], "sum")
    model.quantiles(last, widening())
    model.save([given(), given("more", ("batch", 1))], [said()])

    model = Model("output-rank")
    model.node("Identity", [model.last("context")], "quantiles")
    model.save([given()], [said(shape=("batch", 1))])

    model = Model("output-type")
    cube = model.quantiles(model.last("context"), widening(), "cube9")
    model.node("Cast", [cube], "quantiles", to=TensorProto.DOUBLE)
    model.save([given()], [said(kind=TensorProto.DOUBLE)])

    # fits a batch of two only
    model = Model("two-rows-only")
    cube = model.quantiles(model.last("context"), widening(), "any")
    model.node("Reshape", [cube, model.constant("two", np.array([2, 9, HORIZON]))], "quantiles")
    model.save([given()], [said(shape=("rows", LEVELS, HORIZON))])

    # the mean of a row with a gap is not a number
    model = Model("nan-for-gaps")
    mean = model.node("ReduceMean", ["context"], "mean", axes=[1], keepdims=1)
    model.quantiles(mean, widening())
    model.save([given()], [said()])


def wrong_at_times():
    """NaN for windows that end with a value above 5."""
    model = Model("nan-above-five")
    model.metadata["version"] = "test-1"
    last = model.last("context")
    above = model.node("Greater", [last, model.constant("five", np.array(5, np.float32))], "above")
    nan = model.constant("nan", np.array(np.nan, np.float32))
    model.quantiles(model.node("Where", [above, nan, last], "spoilt"), widening())
    model.save([given()], [said()])


def fails_at_times():
    """Looks the number of windows up in a table that ends at three."""
    model = Model("three-rows-at-most")
    model.metadata["version"] = "test-1"
    table = model.constant("table", np.zeros((4, 1), np.float32))
    rows = model.node("Shape", ["context"], "rows", start=0, end=1)
    none = model.node("Gather", [table, rows], "none_added", axis=0)
    model.quantiles(model.node("Add", [model.last("context"), none], "sum"), widening())
    model.save([given()], [said()])


if __name__ == "__main__":
    right_ones()
    matrices()
    wrong_ones()
    wrong_at_times()
    fails_at_times()
