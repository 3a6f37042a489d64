"""Torch programs, recorded: the same graph as the text's, the same numbers as torch's own."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from symgraph.calculus.evaluation import evaluate
from symgraph.calculus.gradients import compare_gradients
from symgraph.calculus.graph import build
from symgraph.errors import DisagreementError, DomainError, LimitExceeded, MissingPart, ProgramError
from symgraph.language.program import Program
from symgraph.limits import Limits
from symgraph.parsing.echo import echo
from symgraph.parsing.pytorch import Recording, record
from symgraph.parsing.torch_operations import COMPARISONS, OPERATIONS

# mypy: disable-error-code="no-untyped-def,no-untyped-call" # what is recorded is written as a student would


def told(program: Program) -> list[str]:
    return [f"{each.name} = {echo(each.tree)}" if each.name else echo(each.tree) for each in program.assignments]


def edges(graph: Any) -> set[tuple[str, str, int, str]]:
    return {
        (tail.name, head.name, key, str(data["partial"])) for tail, head, key, data in graph.edges(keys=True, data=True)
    }


# The notebook


def test_the_notebook(torch: ModuleType) -> None:
    a = torch.tensor([3.0], requires_grad=True)
    b = torch.tensor([1.0], requires_grad=True)
    with record() as notebook:
        c = a + b
        d = b + 1
        e = c * d
        c.retain_grad()
        d.retain_grad()
        e.retain_grad()
        print(e)
        e.backward()
        print(a.grad, b.grad, c.grad, d.grad, e.grad)
    assert told(notebook.program) == ["c = a + b", "d = b + 1", "e = c·d"]
    assert (notebook.program.inputs, notebook.program.outputs) == (("a", "b"), ("e",))
    text = build("c = a + b; d = b + 1; e = c*d")
    graph = build(notebook)
    assert [str(node) for node in graph] == [str(node) for node in text]
    assert edges(graph) == edges(text)
    assert notebook.gradients == {"a": 2, "b": 6, "c": 2, "d": 4, "e": 1}
    assert notebook.values == {"a": 3, "b": 1, "c": 4, "d": 2, "e": 8}
    assert notebook.point == {"a": 3, "b": 1}
    pairs = compare_gradients(notebook)
    assert {pair.node: (pair.ours, pair.theirs) for pair in pairs} == {
        "a": (2, 2), "b": (6, 6), "c": (2, 2), "d": (4, 4), "e": (1, 1)
    }  # fmt: skip


def test_constants_are_kept_which_torchs_own_graph_has_lost(torch: ModuleType) -> None:
    b = torch.tensor([1.0], requires_grad=True)
    with record() as one:
        d = b + 1
    with record() as seven:
        d = b + 7  # noqa: F841 # its name is what is looked at
    assert told(one.program) == ["d = b + 1"]
    assert told(seven.program) == ["d = b + 7"]


def test_gradients_may_be_computed_after_the_recording(torch: ModuleType) -> None:
    x = torch.tensor(0.3, requires_grad=True)
    with record() as recording:
        y = torch.sin(x) * x
    with pytest.raises(ProgramError, match="no gradients yet"):
        compare_gradients(recording)
    y.backward()
    assert [pair.node for pair in compare_gradients(recording)] == ["x"]


def test_a_wrong_gradient_is_seen(torch: ModuleType) -> None:
    x = torch.tensor(2.0, requires_grad=True)
    with record() as recording:
        y = x**3
        y.backward()
    x.grad += 0.01
    with pytest.raises(DisagreementError, match=r"the derivative by x is 12 here and 12\.01"):
        compare_gradients(recording)


# The tutorials


def test_a_vector_jacobian_product(torch: ModuleType) -> None:
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([6.0, 4.0], requires_grad=True)
    with record() as recording:
        Q = 3 * a**3 - b**2
        Q.backward(gradient=torch.tensor([1.0, 1.0]))
    assert told(recording.program) == ["Q_1 = 3·a_1^3 - b_1^2", "Q_2 = 3·a_2^3 - b_2^2"]
    assert recording.values == {"a_1": 2, "a_2": 3, "b_1": 6, "b_2": 4, "Q_1": -12, "Q_2": 65}
    ours = {pair.node: pair.ours for pair in compare_gradients(recording)}
    assert ours == {"a_1": 36, "a_2": 81, "b_1": -12, "b_2": -8}
    layers = {layer.name: (layer.shape, layer.tree and echo(layer.tree)) for layer in recording.program.layers}
    assert layers == {"a": ((2,), None), "b": ((2,), None), "Q": ((2,), "3·a^3 - b^2")}


def test_seeds_other_than_one(torch: ModuleType) -> None:
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    with record() as recording:
        y = a**2
        y.backward(gradient=torch.tensor([0.5, -1.0]))
    assert [pair.ours for pair in compare_gradients(recording)] == [2, -6]
    with record() as recording:
        y = a**2
    y.backward(gradient=torch.tensor([0.5, -1.0]))
    with pytest.raises(ProgramError, match="several outputs"):
        compare_gradients(recording)


def test_what_a_derivative_reaches(torch: ModuleType) -> None:
    x, y = torch.rand(2, 2), torch.rand(2, 2)
    z = torch.rand((2, 2), requires_grad=True)
    with record() as recording:
        p = x + y  # noqa: F841 # torch differentiates nothing here
        q = x + z  # noqa: F841 # its name is what is looked at
    assert told(recording.program)[0] == "q_11 = x_11 + z_11"
    assert recording.varying == ("z_11", "z_12", "z_21", "z_22")


def test_the_mean_of_a_square(torch: ModuleType) -> None:
    x = torch.ones(2, 2, requires_grad=True)
    with record() as recording:
        z = 3 * (x + 2) ** 2
        out = z.mean()
        out.backward()
    assert recording.values["z_21"] == 27
    assert recording.values["out"] == 27
    assert {float(pair.ours) for pair in compare_gradients(recording)} == {4.5}


def test_binary_cross_entropy(torch: ModuleType) -> None:
    torch.manual_seed(1)
    x, y = torch.ones(5), torch.zeros(3)
    w = torch.randn(5, 3, requires_grad=True)
    b = torch.randn(3, requires_grad=True)
    with record() as recording:
        z = torch.matmul(x, w) + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        z.retain_grad()
        loss.backward()
    assert told(recording.program)[-1] == (
        "loss = mean(softplus(z_1) - z_1·y_1, softplus(z_2) - z_2·y_2, softplus(z_3) - z_3·y_3)"
    )
    ours = {pair.node: float(pair.ours) for pair in compare_gradients(recording)}
    for j in (1, 2, 3):
        law = 1 / (1 + math.exp(-recording.values[f"z_{j}"])) / 3
        assert ours[f"b_{j}"] == pytest.approx(law, rel=1e-6)
        assert ours[f"z_{j}"] == pytest.approx(law, rel=1e-6)
        assert all(ours[f"w_{i}{j}"] == pytest.approx(law, rel=1e-6) for i in range(1, 6))


def test_vectors_and_matrices_are_told_as_those_of_a_text(torch: ModuleType) -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.0])
    w = torch.tensor([[0.5, -1.0], [0.25, 2.0]], requires_grad=True)
    b = torch.tensor([0.1, -0.2], requires_grad=True)
    with record() as recording:
        z = x @ w + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        s = torch.nn.functional.linear(z, w, b).sum() + torch.nn.functional.mse_loss(z, y) + loss * 2
        s.backward()
    layers = {layer.name: (layer.shape, layer.tree and echo(layer.tree)) for layer in recording.program.layers}
    assert layers == {
        "x": ((2,), None),
        "w": ((2, 2), None),
        "b": ((2,), None),
        "y": ((2,), None),
        "z": ((2,), "x @ w + b"),
        "loss": ((), "mean(softplus(z) - z·y)"),
        "s": ((), "sum(z @ transpose(w) + b) + mean((z - y)^2) + 2·loss"),
    }
    program = build(
        "z = x@w + b; loss = mean(softplus(z) - z*y)", shapes={"x": (2,), "w": (2, 2), "b": (2,), "y": (2,)}
    )
    ours = recording.program.layers[4:6]
    assert [(layer.tree, layer.components) for layer in ours] == [
        (layer.tree, layer.components) for layer in program.graph["program"].layers if layer.tree is not None
    ]


def test_sweeps_add_up(torch: ModuleType) -> None:
    inp = torch.eye(4, 5, requires_grad=True)
    with record() as recording:
        out = (inp + 1).pow(2).t()
        out.backward(torch.ones_like(out), retain_graph=True)
        out.backward(torch.ones_like(out), retain_graph=True)
    assert recording.program.outputs[:2] == ("out_11", "out_12")
    assert told(recording.program)[0] == "out_11 = (inp_11 + 1)^2"
    pairs = {pair.node: (pair.ours, pair.theirs) for pair in compare_gradients(recording)}
    assert pairs["inp_11"] == (8, 8)
    assert pairs["inp_12"] == (4, 4)
    assert len(pairs) == 20


# Every function


def sample(torch: ModuleType, *shape: int, low: float = 0.2, high: float = 0.9) -> Any:
    return (low + (high - low) * torch.rand(*shape, dtype=torch.float64)).requires_grad_()


NUMBERS = [
    "add",
    "sub",
    "subtract",
    "mul",
    "multiply",
    "div",
    "divide",
    "true_divide",
    "pow",
    "float_power",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "logaddexp",
    "hypot",
    "atan2",
    "arctan2",
]
ONE_NUMBER = [
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "relu",
    "sign",
    "floor",
    "ceil",
    "erf",
    "erfc",
    "lgamma",
    "digamma",
    "asin",
    "acos",
    "atan",
    "asinh",
    "atanh",
    "arcsin",
    "arccos",
    "arctan",
    "arcsinh",
    "arctanh",
    "log1p",
    "log2",
    "log10",
    "expm1",
    "exp2",
    "rsqrt",
    "deg2rad",
    "neg",
    "negative",
    "abs",
    "absolute",
    "square",
    "reciprocal",
    "sinc",
    "logit",
]

CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    **{name: lambda t, x, y, name=name: getattr(t, name)(x, y) for name in NUMBERS},
    **{name: lambda t, x, y, name=name: getattr(t, name)(x) for name in ONE_NUMBER},
    **{name: lambda t, x, y, name=name: getattr(t, name)(x + 1) for name in ("acosh", "arccosh")},
    "expit": lambda t, x, y: t.special.expit(x),
    "rsub": lambda t, x, y: t.rsub(x, y, alpha=2) + t.add(x, y, alpha=3) + t.sub(x, 2, alpha=-1),
    "__rsub__": lambda t, x, y: 2 - x,
    "__rdiv__": lambda t, x, y: 2 / x,
    "__rpow__": lambda t, x, y: 2**x + math.e**x,
    "where": lambda t, x, y: t.where(x > y, x, y * 2) + t.where(t.tensor([True, False, True]), x, 0.5),
    "clamp": lambda t, x, y: t.clamp(x, 0.3, 0.6) + t.clamp(y, min=0.5),
    "clip": lambda t, x, y: t.clip(x, max=0.5),
    "clamp_min": lambda t, x, y: t.clamp_min(x, 0.4),
    "clamp_max": lambda t, x, y: t.clamp_max(x, 0.4),
    "silu": lambda t, x, y: t.nn.functional.silu(x),
    "log_sigmoid": lambda t, x, y: t.nn.functional.logsigmoid(x),
    "softplus": lambda t, x, y: t.nn.functional.softplus(x) + t.nn.functional.softplus(y, beta=2),
    "leaky_relu": lambda t, x, y: t.nn.functional.leaky_relu(x - 0.5) + t.nn.functional.leaky_relu(y - 0.4, 0.2),
    "elu": lambda t, x, y: t.nn.functional.elu(x - 0.5) + t.nn.functional.elu(y - 0.5, alpha=0.7),
    "gelu": lambda t, x, y: t.nn.functional.gelu(x),
    "lerp": lambda t, x, y: t.lerp(x, y, 0.25),
    "addcmul": lambda t, x, y: t.addcmul(x, x, y, value=0.5) + t.addcmul(x, x, y),
    "sum": lambda t, x, y: x.sum() + w(t, x).sum(0).sum() * w(t, y).sum(dim=1, keepdim=True)[1, 0] + x.sum(0),
    "nansum": lambda t, x, y: t.nansum(x),
    "prod": lambda t, x, y: t.prod(x) + w(t, x).prod(dim=1),
    "mean": lambda t, x, y: x.mean() + w(t, x).mean(dim=(0, 1)) * w(t, x).mean(dim=-1)[0],
    "logsumexp": lambda t, x, y: t.logsumexp(x, 0) + t.logsumexp(w(t, y), dim=(0, 1)),
    "max": lambda t, x, y: x.max() + t.max(x, y) + w(t, y).max(dim=1)[0] + w(t, y).max(0).values[0],
    "min": lambda t, x, y: x.min() + t.min(x, other=y) + w(t, y).min(dim=1, keepdim=True)[0].squeeze(),
    "amax": lambda t, x, y: t.amax(x) + t.amax(w(t, y), dim=1),
    "amin": lambda t, x, y: t.amin(x) + t.amin(w(t, y), dim=(0, 1)),
    "matmul": lambda t, x, y: t.matmul(x, w(t, y)) + t.matmul(w(t, x), y) + w(t, x) @ w(t, y) + x @ y,
    "__rmatmul__": lambda t, x, y: t.Tensor.__rmatmul__(x, w(t, y)),
    "mm": lambda t, x, y: t.mm(w(t, x), w(t, y)),
    "mv": lambda t, x, y: t.mv(w(t, x), y),
    "bmm": lambda t, x, y: t.bmm(t.stack([w(t, x), w(t, y)]), t.stack([w(t, y), w(t, y)])),
    "dot": lambda t, x, y: t.dot(x, y),
    "vdot": lambda t, x, y: t.vdot(x, y),
    "inner": lambda t, x, y: t.inner(x, y),
    "addmm": lambda t, x, y: t.addmm(x, w(t, x), w(t, y)),
    "addmv": lambda t, x, y: t.addmv(x, w(t, x), y),
    "outer": lambda t, x, y: t.outer(x, y),
    "ger": lambda t, x, y: t.ger(x, y),
    "linear": lambda t, x, y: t.nn.functional.linear(x, w(t, y), y) + t.nn.functional.linear(w(t, x), w(t, y)),
    "mse_loss": lambda t, x, y: t.nn.functional.mse_loss(x, y) + t.nn.functional.mse_loss(x, y, reduction="none"),
    "l1_loss": lambda t, x, y: t.nn.functional.l1_loss(x, y, reduction="sum"),
    "binary_cross_entropy": lambda t, x, y: (
        t.nn.functional.binary_cross_entropy(x, y.detach())
        + t.nn.functional.binary_cross_entropy(y, t.tensor([1.0, 0, 1]).double())
    ),
    "binary_cross_entropy_with_logits": lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y),
    "softmax": lambda t, x, y: t.softmax(x, 0) + t.nn.functional.softmax(w(t, y), dim=1)[0],
    "log_softmax": lambda t, x, y: t.log_softmax(x, 0) + t.nn.functional.log_softmax(w(t, y), dim=0)[0],
    "nll_loss": lambda t, x, y: t.nn.functional.nll_loss(w(t, x), t.tensor([0, 2, 1]), reduction="sum"),
    "cross_entropy": lambda t, x, y: (
        t.nn.functional.cross_entropy(w(t, x), t.tensor([0, 2, 1])) + t.nn.functional.cross_entropy(y, t.tensor(1))
    ),
    "clone": lambda t, x, y: x.clone() * y,
    "contiguous": lambda t, x, y: w(t, x).t().contiguous() * y,
    "float": lambda t, x, y: x.float() * 2,
    "double": lambda t, x, y: x.float().double() * 2,
    "half": lambda t, x, y: x.half().double(),
    "to": lambda t, x, y: x.to(t.float64, copy=True) * 2,
    "type": lambda t, x, y: x.type(t.float32) * 2,
    "T": lambda t, x, y: w(t, x).T * y,
    "mT": lambda t, x, y: w(t, x).mT * y,
    "H": lambda t, x, y: w(t, x).H * y,
    "mH": lambda t, x, y: w(t, x).mH * y,
    "t": lambda t, x, y: w(t, x).t() * y,
    "transpose": lambda t, x, y: w(t, x).transpose(0, 1) * y,
    "swapaxes": lambda t, x, y: t.swapaxes(w(t, x), 0, 1) * y,
    "permute": lambda t, x, y: w(t, x).permute(1, 0) * y,
    "reshape": lambda t, x, y: w(t, x).reshape(-1) + w(t, y).reshape(9),
    "view": lambda t, x, y: w(t, x).view(9) * 2,
    "view_as": lambda t, x, y: x.view_as(y) * 2,
    "reshape_as": lambda t, x, y: x.reshape_as(y) * 2,
    "flatten": lambda t, x, y: w(t, x).flatten() * 2,
    "unflatten": lambda t, x, y: x.unflatten(0, (3, 1)) * y,
    "ravel": lambda t, x, y: w(t, x).ravel() * 2,
    "squeeze": lambda t, x, y: x.reshape(1, 3).squeeze(0) * y,
    "unsqueeze": lambda t, x, y: x.unsqueeze(1) * y,
    "expand": lambda t, x, y: x.expand(2, 3) * y,
    "expand_as": lambda t, x, y: x.expand_as(w(t, y)) * y,
    "broadcast_to": lambda t, x, y: t.broadcast_to(x, (2, 3)) * y,
    "broadcast_tensors": lambda t, x, y: t.broadcast_tensors(x, w(t, y))[0] * y,
    "repeat": lambda t, x, y: x.repeat(2) * 3,
    "tile": lambda t, x, y: t.tile(x, (2,)) * 3,
    "__getitem__": lambda t, x, y: x[0] * y[1:] + w(t, x)[1, ...][t.tensor([2, 0])] + x[t.tensor([True, False, True])],
    "select": lambda t, x, y: w(t, x).select(0, 1) * y,
    "narrow": lambda t, x, y: x.narrow(0, 1, 2) * 2,
    "index_select": lambda t, x, y: t.index_select(x, 0, t.tensor([2, 0])) * 2,
    "take": lambda t, x, y: t.take(x, t.tensor([2, 0])) * 2,
    "gather": lambda t, x, y: t.gather(x, 0, t.tensor([1, 1, 0])) * y,
    "chunk": lambda t, x, y: x.chunk(3)[1] * y,
    "split": lambda t, x, y: t.split(x, [1, 2])[1] * y[0],
    "tensor_split": lambda t, x, y: t.tensor_split(x, 3)[0] * y,
    "unbind": lambda t, x, y: x.unbind()[1] * y,
    "cat": lambda t, x, y: t.cat([x, y, t.tensor([7.0], dtype=t.float64)]) * 2,
    "concat": lambda t, x, y: t.concat((x, y)) * 2,
    "concatenate": lambda t, x, y: t.concatenate((x, y)) * 2,
    "stack": lambda t, x, y: t.stack([x, y], dim=1) * 2,
    "hstack": lambda t, x, y: t.hstack([x, y]) * 2,
    "vstack": lambda t, x, y: t.vstack([x, y]) * 2,
    "movedim": lambda t, x, y: w(t, x).movedim(0, 1) * y,
    "moveaxis": lambda t, x, y: w(t, x).moveaxis(0, 1) * y,
    "flip": lambda t, x, y: x.flip(0) * y,
    "roll": lambda t, x, y: x.roll(1) * y,
    "diagonal": lambda t, x, y: w(t, x).diagonal() * y,
    "rot90": lambda t, x, y: t.rot90(w(t, x)) * y,
    "repeat_interleave": lambda t, x, y: t.repeat_interleave(x, 2) * 3,
    "meshgrid": lambda t, x, y: t.meshgrid(x, y, indexing="ij")[0] * 2,
}  # fmt: skip


def w(torch: Any, x: Any) -> Any:
    """A matrix made of a vector."""
    return torch.outer(x, torch.linspace(1.0, 2.0, 3, dtype=torch.float64)) + torch.eye(3, dtype=torch.float64)


def test_every_function_has_a_call() -> None:
    # Those two give back the very tensor that they get: on a machine with one device, or when nothing is trained.
    assert sorted(CALLS) == sorted(set(OPERATIONS) - {"cpu", "dropout"})


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_function_gives_torchs_values_and_gradients(torch: ModuleType, name: str) -> None:
    torch.manual_seed(3)
    x, y = sample(torch, 3), sample(torch, 3)
    seen: list[str] = []
    with record() as recording:
        watch(recording, seen)
        result = CALLS[name](torch, x, y)
        weights = torch.linspace(0.5, 1.5, result.numel(), dtype=torch.float64)
        total = (result.double().flatten() * weights).sum()
        total.backward()
    assert name in seen
    graph = build(recording, "statement")
    values = {node.name: float(value) for node, value in evaluate(graph, dict(recording.point)).nodes.items()}
    rough = {"half": 1e-2, "float": 1e-6, "double": 1e-6, "type": 1e-6}.get(name, 1e-12)
    assert values["total"] == pytest.approx(float(total.detach()), rel=rough)
    if name not in ("half", "digamma"):  # torch's own trigamma is good to seven digits
        assert len(compare_gradients(recording)) >= 3


def watch(recording: Recording, seen: list[str]) -> None:
    """Note the names of what is computed."""
    inner = recording._computed

    def computed(name: str, *arguments: Any) -> None:
        seen.append(name)
        inner(name, *arguments)

    recording._computed = computed  # type: ignore[method-assign] # to look on


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_comparisons_are_conditions(torch: ModuleType, name: str) -> None:
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    with record() as recording:
        if name in ("logical_not", "bitwise_not", "__invert__"):
            y = torch.where(getattr(torch.Tensor, name)(x > 1), x, x**2)
        elif "and" in name or "or" in name:
            y = torch.where(getattr(torch.Tensor, name)(x > 1, x < 3), x, x**2)
        else:
            y = torch.where(getattr(torch.Tensor, name)(x, 1), x, x**2)
        y.sum().backward()
    assert " if x_1 " in told(recording.program)[0] or " if not" in told(recording.program)[0]
    assert compare_gradients(recording)


# Names


def test_names_of_loops_functions_and_modules(torch: ModuleType) -> None:
    torch.manual_seed(2)

    class Net(torch.nn.Module):  # type: ignore[name-defined,misc] # torch is a fixture here
        def __init__(self) -> None:
            super().__init__()
            self.hidden = torch.nn.Linear(2, 2)

        def forward(self, x):
            h = torch.relu(self.hidden(x))
            return h.sum()

    net = Net()
    last = torch.nn.Linear(1, 1, bias=False)
    with record() as recording:
        x = torch.tensor([0.5, 0.25])
        s = net(x)
        loss = 0
        for target in (1.0, 2.0):
            loss += (last(s.reshape(1)) - target) ** 2
        loss.backward()
    assert told(recording.program) == [
        "h_1 = relu(x_1·hidden_weight11 + x_2·hidden_weight12 + hidden_bias1)",
        "h_2 = relu(x_1·hidden_weight21 + x_2·hidden_weight22 + hidden_bias2)",
        "s = h_1 + h_2",
        "loss = (s·last_weight - 1)^2",
        "loss_1 = loss + (s·last_weight - 2)^2",
    ]
    assert recording.varying == tuple(name for name in recording.program.inputs if not name.startswith("x_"))
    compare_gradients(recording)


def test_a_variable_that_is_bound_again(torch: ModuleType) -> None:
    x = torch.tensor(1.5, requires_grad=True)
    v = torch.tensor([1.0, 2.0], requires_grad=True)
    with record() as recording:
        y = x
        for _ in range(2):
            y = torch.sin(y) + 1
        v = v * 2
        v = v * y
    assert told(recording.program) == [
        "y = sin(x) + 1", "y_1 = sin(y) + 1", "v1_1 = 2·v_1", "v1_2 = 2·v_2", "v2_1 = v1_1·y_1", "v2_2 = v1_2·y_1"
    ]  # fmt: skip


def test_tensors_without_a_name_are_constants_without_a_gradient(torch: ModuleType) -> None:
    x = torch.tensor(2.0, requires_grad=True)
    with record() as recording:
        y = x * torch.tensor(0.1) + x.detach() * x  # its name is what is looked at
    assert told(recording.program) == ["y = 0.1·x + 2·x"]
    with record() as recording:
        k = x.detach()
        y = x * k
        y.backward()
    assert told(recording.program) == ["y = x·k"]
    with record() as recording:
        y = torch.nn.functional.dropout(x, training=False).cpu() * 2
    assert told(recording.program) == ["y = 2·x"]
    assert recording.varying == ("x",)
    compare_gradients(recording)


def test_what_no_grad_computes_is_not_followed(torch: ModuleType) -> None:
    w = torch.tensor(3.0, requires_grad=True)
    with record() as recording:
        first = w**2
        first.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
        second = w**3
        second.backward()
    assert told(recording.program) == ["first = w^2", "second = w_1^3"]
    assert recording.point == {"w": 3, "w_1": pytest.approx(2.4, rel=1e-6)}


# Branches


def test_a_branch_is_said(torch: ModuleType) -> None:
    x = torch.tensor(0.7, requires_grad=True)
    with record() as recording:
        x**2 if x > 0.5 else -x
    assert told(recording.program) == ["y = x^2"]
    assert recording.program.readings == ("the branch where x > 0.5 is true, because the point is there",)
    with pytest.raises(DomainError, match="two branches meet"), record():
        x**2 if x * 10 > 7 else -x


# What cannot be recorded


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (lambda t, x: t.special.i0(x), "torch's (special_)?i0 cannot be recorded"),
        (lambda t, x: t.nn.functional.dropout(x), "random"),
        (lambda t, x: t.nn.functional.gelu(x, approximate="tanh"), "approximate='tanh'"),
        (
            lambda t, x: t.softmax(x, None) if False else t.nn.functional.cross_entropy(x, x.detach()),
            "numbers of classes",
        ),
        (lambda t, x: t.nn.functional.cross_entropy(x, t.tensor(1), label_smoothing=0.1), "label_smoothing"),
        (lambda t, x: t.div(x, 2, rounding_mode="trunc"), "rounding_mode"),
        (lambda t, x: (x * 1).mul_(2), None),
        (lambda t, x: x.clone()[0].add_(1), "writing into a tensor"),
        (lambda t, x: t.nn.functional.mse_loss(x, x + 1, weight=x.detach()), "weights"),
        (lambda t, x: x + (x > 0.5), "used as a number"),
        (lambda t, x: t.zeros(0, requires_grad=True).sum() + x, "without elements"),
    ],
)
def test_what_cannot_be_recorded_says_why(torch: ModuleType, lines: Callable[..., Any], message: str | None) -> None:
    x = torch.tensor([0.25, 0.75], requires_grad=True)
    if message is None:
        with record() as recording:
            y = lines(torch, x)
            y.sum().backward()
        compare_gradients(recording)
        return
    with pytest.raises(ProgramError, match=message), record():
        lines(torch, x)


def test_writing_into_a_part_of_a_tensor_is_refused(torch: ModuleType) -> None:
    x = torch.tensor([0.25, 0.75], requires_grad=True)
    with pytest.raises(ProgramError, match=r"writing into a tensor \(__setitem__\)"), record():
        y = x * 2
        y[0] = 3.0
    with pytest.raises(ProgramError, match="writing into a tensor"), record():
        y = x * 2
        first = y[0]  # noqa: F841 # a view, which would change too
        y += 1


def test_the_with_statement_begins_above_what_it_records(torch: ModuleType) -> None:
    x = torch.tensor(1.0, requires_grad=True)
    early = x * 2
    with pytest.raises(ProgramError, match="computed before the recording began"), record():
        early + 1
    with pytest.raises(ProgramError, match="nothing was recorded"), record():
        torch.ones(3) + 1
    recording = record()
    with pytest.raises(ProgramError, match="nothing is recorded yet"):
        recording.program  # noqa: B018 # that it is refused is the point
    with recording:
        x + 1
    with pytest.raises(ProgramError, match="made once"), recording:
        pass
    with pytest.raises(LimitExceeded), record(limits=Limits(nodes=100)):
        torch.ones(101, requires_grad=True) * 2


def test_errors_of_torch_come_through_and_nothing_is_left_behind(torch: ModuleType) -> None:
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="size of tensor"), record():
        x + torch.ones(4)
    assert (x + 1).tolist() == [2, 2, 2]
    assert (
        torch.overrides._get_current_function_mode_stack() == []
        if hasattr(torch.overrides, "_get_current_function_mode_stack")
        else True
    )


def test_without_torch_the_missing_part_is_named() -> None:
    code = """
import sys
sys.modules["torch"] = None
import symgraph
try:
    symgraph.record()
except symgraph.SymgraphError as problem:
    print(type(problem).__name__, problem)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert done.stdout.startswith("MissingPart torch is not installed: pip install"), done.stderr
    assert MissingPart.exit_code == 2
