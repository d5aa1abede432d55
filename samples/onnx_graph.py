"""An ONNX graph as a torch module, so that a network from a package can be trained on and written back.

Only what PP-OCR's recogniser is made of: what another graph asks for besides ends in a KeyError that names it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

__all__ = ["Graph"]

Attributes = dict[str, Any]
SAME = b"SAME_UPPER"


def _padding(of: Attributes, x: Any, kernel: tuple[int, int], step: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, right, top, bottom."""
    if of.get("auto_pad", b"NOTSET") != SAME:
        top, left, bottom, right = of.get("pads", (0, 0, 0, 0))
        return left, right, top, bottom
    whole = [
        max(0, (math.ceil(side / s) - 1) * s + k - side) for side, k, s in zip(x.shape[2:], kernel, step, strict=True)
    ]
    (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in whole)
    return left, right, top, bottom


def _conv(of: Attributes, x: Any, weight: Any, bias: Any = None) -> Any:
    step = tuple(of.get("strides", (1, 1)))
    x = F.pad(x, _padding(of, x, weight.shape[2:], step))
    return F.conv2d(x, weight, bias, step, 0, tuple(of.get("dilations", (1, 1))), of.get("group", 1))


def _max_pool(of: Attributes, x: Any) -> Any:
    kernel, step = tuple(of["kernel_shape"]), tuple(of.get("strides", (1, 1)))
    x = F.pad(x, _padding(of, x, kernel, step), value=-math.inf)
    if kernel == (2, 2) and step == (1, 1):  # many times quicker
        x = torch.maximum(x[..., :-1], x[..., 1:])
        return torch.maximum(x[..., :-1, :], x[..., 1:, :])
    return F.max_pool2d(x, kernel, step, ceil_mode=bool(of.get("ceil_mode", 0)))


def _mean_pool(of: Attributes, x: Any) -> Any:
    kernel, step = tuple(of["kernel_shape"]), tuple(of.get("strides", (1, 1)))
    if any(_padding(of, x, kernel, step)):
        raise NotImplementedError("a mean over padding")
    return F.avg_pool2d(x, kernel, step, ceil_mode=bool(of.get("ceil_mode", 0)))


def _slice(of: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any = None) -> Any:
    cut = [slice(None)] * x.ndim
    strides = [1] * len(axes) if steps is None else steps.tolist()
    for axis, start, end, step in zip(axes.tolist(), starts.tolist(), ends.tolist(), strides, strict=True):
        cut[axis] = slice(start, end, step)
    return x[tuple(cut)]


def _reshape(of: Attributes, x: Any, shape: Any) -> Any:
    return x.reshape([x.shape[i] if side == 0 else side for i, side in enumerate(shape.tolist())])


def _squeeze(of: Attributes, x: Any) -> Any:
    for axis in sorted((axis % x.ndim for axis in of["axes"]), reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(of: Attributes, x: Any) -> Any:
    for axis in sorted(of["axes"]):
        x = x.unsqueeze(axis)
    return x


def _both(operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """An operation on two tensors; where one of them is of half precision, both are: half the memory to go through."""

    def done(of: Attributes, x: Any, y: Any) -> Any:
        if torch.bfloat16 in (x.dtype, y.dtype) and x.is_floating_point() and y.is_floating_point():
            x, y = x.bfloat16(), y.bfloat16()
        return operation(x, y)

    return done


def _normalised(of: Attributes, x: Any, weight: Any, bias: Any, mean: Any, variance: Any) -> Any:
    """A batch normalisation as it is when the network is used: its statistics stay."""
    scale = weight / torch.sqrt(variance + of.get("epsilon", 1e-5))
    shape = (1, -1, *(1 for _ in x.shape[2:]))
    return x * scale.view(shape).to(x.dtype) + (bias - mean * scale).view(shape).to(x.dtype)


OPERATORS: dict[str, Callable[..., Any]] = {
    "Identity": lambda of, x: x,
    "Add": _both(operator.add),
    "Sub": _both(operator.sub),
    "Mul": _both(operator.mul),
    "Div": _both(operator.truediv),
    "Pow": _both(operator.pow),
    "Sqrt": lambda of, x: torch.sqrt(x),
    "Erf": lambda of, x: torch.erf(x),
    "Relu": lambda of, x: torch.relu(x),
    "Sigmoid": lambda of, x: torch.sigmoid(x),
    "HardSigmoid": lambda of, x: torch.clamp(x * of.get("alpha", 0.2) + of.get("beta", 0.5), 0, 1),
    "MatMul": lambda of, x, y: x @ y,
    "Softmax": lambda of, x: torch.softmax(x, of.get("axis", -1)),
    "ReduceMean": lambda of, x: x.mean(of["axes"], keepdim=bool(of.get("keepdims", 1))),
    "Transpose": lambda of, x: x.permute(*of["perm"]),
    "Concat": lambda of, *parts: torch.cat(parts, of["axis"]),
    "Shape": lambda of, x: torch.tensor(x.shape),
    "Conv": _conv,
    "MaxPool": _max_pool,
    "AveragePool": _mean_pool,
    "Slice": _slice,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "BatchNormalization": _normalised,
}


class Graph(nn.Module):  # type: ignore[misc]
    """The graph up to its last operator, a softmax, whose input it gives: logits.

    :param frozen: names of weights that training leaves as they are
    """

    def __init__(self, model: Any, frozen: Collection[str] = ()) -> None:
        super().__init__()
        graph = model.graph
        # A variance that is trained may pass zero; statistics are no weights.
        statistics = {name for node in graph.node if node.op_type == "BatchNormalization" for name in node.input[3:]}
        frozen = {*frozen, *statistics}
        self._keys: dict[str, str] = {}
        self._steps: list[tuple[str, Attributes, list[str], str]] = []
        for weight in graph.initializer:
            self._keep(weight.name, weight, trained=weight.name not in frozen)
        for node in graph.node:
            of = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self._keep(node.output[0], of["value"], trained=False)
            else:
                self._steps.append((node.op_type, of, list(node.input), node.output[0]))
        self._first, self._last = graph.input[0].name, self._logits(graph.output[0].name)

    def _keep(self, name: str, value: Any, *, trained: bool) -> None:
        self._keys[name] = key = f"w_{len(self._keys)}"
        tensor = torch.from_numpy(np.array(onnx.numpy_helper.to_array(value)))
        if trained and tensor.is_floating_point() and tensor.numel() > 1:
            self.register_parameter(key, nn.Parameter(tensor))
        else:
            self.register_buffer(key, tensor)

    def _logits(self, output: str) -> str:
        """What goes into the softmax that an output comes from."""
        by_output = {out: (kind, ins) for kind, _, ins, out in self._steps}
        kind, inputs = by_output[output]
        return inputs[0] if kind == "Softmax" else self._logits(inputs[0])

    def forward(self, x: Any) -> Any:
        known = {self._first: x}
        for kind, of, inputs, output in self._steps:
            values = [known[name] if name in known else getattr(self, self._keys[name]) for name in inputs if name]
            known[output] = OPERATORS[kind](of, *values)
            if output == self._last:
                break
        return known[self._last]

    def written(self, model: Any) -> Any:
        """The model with this module's weights in the place of its own."""
        for weight in model.graph.initializer:
            value = getattr(self, self._keys[weight.name]).detach().float().numpy()
            old = onnx.numpy_helper.to_array(weight)
            weight.CopyFrom(onnx.numpy_helper.from_array(value.astype(old.dtype), weight.name))
        return model
