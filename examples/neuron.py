"""Karpathy's neuron as a Python function: run as a program, explained as a graph, with the names in its source."""

import math

import symgraph


@symgraph.explained
def neuron(a, b, c, x, y):
    u = a * x + b * y + c
    s = 1 / (1 + math.exp(-u))
    return s


print(neuron(1, 2, -3, -1, 3))  # 0.8807970779778823
neuron.explain(1, 2, -3, -1, 3, title="A neuron, from its Python source").save("neuron.html")
