"""Two steps of Newton's method, unrolled: how does the result depend on where it starts, and on the number?"""

import symgraph


@symgraph.explained
def root(start, a, steps=2):
    x = start
    for _ in range(steps):
        x = (x + a / x) / 2
    return x


root.explain(at={"start": 1, "a": 2}, title="Two steps of Newton's method for a square root").save("newton.html")
