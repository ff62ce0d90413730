"""Boosted trees: learned with LightGBM, one thread and fixed seeds, and written as ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

Floats = NDArray[np.float32]
_ALWAYS = {
    "objective": "binary", "num_threads": 1, "seed": 7, "deterministic": True, "force_row_wise": True, "verbose": -1,
    "use_missing": False, "zero_as_missing": False, "max_bin": 63,
}  # fmt: skip


def learn(
    rows: Floats, right: NDArray[np.bool_], weights: Floats, rounds: int, settings: Mapping[str, object]
) -> lightgbm.Booster:
    data = lightgbm.Dataset(rows, right.astype(np.float32), weight=weights, params={"max_bin": 63, "verbose": -1})
    return lightgbm.train({**_ALWAYS, **settings}, data, num_boost_round=rounds)


def predict(booster: lightgbm.Booster, rows: Floats) -> Floats:
    if not len(rows):
        return np.zeros(0, np.float32)
    return np.asarray(booster.predict(rows, num_threads=1), np.float32)


def as_onnx(booster: lightgbm.Booster, width: int) -> bytes:
    """The trees as one TreeEnsembleRegressor, whose sum is the log odds."""
    nodes: dict[str, list[Any]] = {f"nodes_{name}": [] for name in _NODE}
    leaves: dict[str, list[Any]] = {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        _add(tree["tree_structure"], number, nodes, leaves, [0])
    attributes: dict[str, Any] = {"n_targets": 1, "post_transform": "NONE", "aggregate_function": "SUM"}
    attributes |= nodes | leaves
    ensemble = helper.make_node("TreeEnsembleRegressor", ["rows"], ["log_odds"], domain="ai.onnx.ml", **attributes)
    graph = helper.make_graph(
        [ensemble],
        "judge",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="engine.training")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


_NODE = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
         "missing_value_tracks_true")  # fmt: skip


def _add(node: Mapping[str, Any], tree: int, nodes: dict[str, list[Any]], leaves: dict[str, list[Any]],
         counter: list[int]) -> int:  # fmt: skip
    """Add a node and all below it; returns its number within the tree."""
    own = counter[0]
    counter[0] += 1
    at = len(nodes["nodes_treeids"])
    leaf = "split_feature" not in node
    given = (tree, own, 0 if leaf else node["split_feature"], 0.0 if leaf else _threshold(node["threshold"]),
             "LEAF" if leaf else "BRANCH_LEQ", 0, 0, 0)  # fmt: skip
    for name, value in zip(_NODE, given, strict=True):
        nodes[f"nodes_{name}"].append(value)
    if leaf:
        for name, value in (("treeids", tree), ("nodeids", own), ("ids", 0), ("weights", float(node["leaf_value"]))):
            leaves[f"target_{name}"].append(value)
        return own
    nodes["nodes_truenodeids"][at] = _add(node["left_child"], tree, nodes, leaves, counter)
    nodes["nodes_falsenodeids"][at] = _add(node["right_child"], tree, nodes, leaves, counter)
    return own


def _threshold(value: float) -> float:
    """The largest number of 32 bits that is no larger, so that rows of 32 bits fall on the same side."""
    near = np.float32(value)
    return float(near if float(near) <= value else np.nextafter(near, np.float32(-np.inf)))


_FEWEST = 25
_DOUBT = 0.5


def isotonic(said: Sequence[float], right: Sequence[bool], weights: Sequence[float]) -> tuple[list[float], list[float]]:
    """The monotonic curve nearest to what was right, as points between which to interpolate.

    Each point stands for values that weigh at least `_FEWEST`, and is drawn a little towards one half: a few that were
    all right are no proof.
    """
    order = np.argsort(np.asarray(said), kind="stable")
    weight = np.asarray(weights)[order]
    columns = np.stack([weight, weight * np.asarray(said)[order], weight * np.asarray(right, float)[order]], 1)
    count = max(1, int(weight.sum()) // _FEWEST)
    bounds = np.searchsorted(np.cumsum(weight), np.linspace(0, weight.sum(), count + 1)[1:-1])
    pools: list[list[float]] = []  # weight, sum of said, sum of right
    for group in np.split(columns, bounds):
        if not len(group):
            continue
        pools.append([float(one) for one in group.sum(0)])
        while len(pools) > 1 and pools[-2][2] / pools[-2][0] >= pools[-1][2] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    points = [(sums / weight, (hits + _DOUBT / 2) / (weight + _DOUBT)) for weight, sums, hits in pools]
    curve = np.maximum.accumulate([share for _, share in points])
    return [round(at, 5) for at, _ in points], [round(float(share), 5) for share in curve]
