"""Where on the page a value stands, how sure that is, and which rules hold. Pure: no Django.

Weights and thresholds are heuristics, set by hand on the documents of `benchmarks.grounding`, which have true boxes.
"""
