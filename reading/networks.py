"""Load neural networks and let them calculate, by whichever library is faster on this processor.

Processors with instructions for numbers of 16 bits (bf16: AVX512_BF16 or AMX) need little more than half the time with
OpenVINO; on others it is no faster than ONNX Runtime, which is what every test of the models was made with.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# Of the pictures that all these networks were trained on, for each colour.
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)


class Network(Protocol):
    def __call__(self, values: Array) -> list[Array]:
        """What the network answers, an array for each of its outputs."""
        ...


def as_input(picture: NDArray[Any]) -> Array:
    """A picture (rows, columns, three colours; 0 to 255) as a batch of one, colour by colour, around zero."""
    values = np.empty((1, 3, *picture.shape[:2]), np.float32)
    for colour, (mean, deviation) in enumerate(zip(MEAN, DEVIATION, strict=True)):
        np.multiply(picture[:, :, colour], np.float32(1 / deviation), out=values[0, colour], casting="unsafe")
        values[0, colour] -= np.float32(mean / deviation)
    return values


def load(model: Path | bytes, *, exact: bool = False, any_size: bool = False) -> Network:
    """A network with one input. It gets one thread, for pages are spread over processes.

    An `exact` one calculates with 32 bits in any case, which takes half as long again. One for pictures of `any_size`
    keeps nothing for the next one of the same size, which would take more memory with each page.
    """
    if not has_short_numbers():
        return _by_onnxruntime(model)
    options = {"INFERENCE_PRECISION_HINT": "f32" if exact else "bf16"}
    return _by_openvino(model, options | ({"CPU_RUNTIME_CACHE_CAPACITY": "0"} if any_size else {}))


@functools.cache
def has_short_numbers() -> bool:
    """Whether OpenVINO is there and calculates with 16 bits on this processor."""
    core = _core()
    return core is not None and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@functools.cache
def _core() -> Any:
    try:
        import openvino
    except ImportError:
        return None
    return openvino.Core()


def _by_openvino(model: Path | bytes, options: dict[str, str]) -> Network:
    core = _core()
    read = core.read_model(model=model) if isinstance(model, bytes) else core.read_model(str(model))
    # Pinned, all processes would calculate on the same core.
    alone: dict[str, Any] = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    compiled = core.compile_model(read, "CPU", alone | options)
    request = compiled.create_infer_request()

    def run(values: Array) -> list[Array]:
        answer = request.infer({0: np.ascontiguousarray(values)}, share_inputs=True)
        return [answer[output] for output in compiled.outputs]

    return run


def _by_onnxruntime(model: Path | bytes) -> Network:
    import onnxruntime  # neither library is loaded where the other one calculates

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep its peak of memory for ever
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    (name,) = (given.name for given in session.get_inputs())
    return lambda values: list(session.run(None, {name: np.ascontiguousarray(values)}))
