"""One step of training as in PyTorch's tutorial, recorded while torch runs it, and torch's gradients beside ours."""

import torch

import symgraph

torch.manual_seed(0)
x = torch.ones(2)
y = torch.zeros(2)
w = torch.tensor([[0.5, -1.0], [0.25, 2.0]], requires_grad=True)
b = torch.tensor([0.1, -0.2], requires_grad=True)

with symgraph.record() as step:
    z = torch.matmul(x, w) + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
    loss.backward()

for pair in symgraph.compare_gradients(step):
    print(pair.node, round(float(pair.ours), 6), round(pair.theirs, 6))
symgraph.explain(step, wrt="w, b", title="One step of training").save("training-step.html")
