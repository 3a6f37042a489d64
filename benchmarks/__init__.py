"""What symgraph is measured by, and the peers it is measured against: `python -m benchmarks`."""
