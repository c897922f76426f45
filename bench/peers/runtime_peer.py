"""ONNX Runtime and OpenVINO on the article's network, random weights: images per second.

  runtime_peer.py onnxruntime|openvino [--batch N] [--dtype f32|bf16] [--seconds X]
"""
import argparse, json
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from timing import median_seconds


def article(batch, classes=1000):
    rng = np.random.default_rng(0); weights = []; nodes = []; last = "x"

    def tensor(name, values):
        weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name)); return name

    def add(kind, name, *inputs, **attributes):
        nonlocal last
        nodes.append(helper.make_node(kind, [last, *inputs], [name], name=name, **attributes)); last = name

    def normalised(n, channels):
        add("Relu", f"relu{n}")
        add("BatchNormalization", f"bn{n}", *(tensor(f"{what}{n}", np.full(channels, value)) for what, value in (("scale", 1), ("shift", .1), ("mean", .1), ("variance", 1))), epsilon=1e-3)

    def conv(n, i, o, k, stride, pad):
        add("Conv", f"conv{n}", tensor(f"w{n}", rng.standard_normal((o, i, k, k)) * (i * k * k) ** -.5), tensor(f"b{n}", np.full(o, .01)), kernel_shape=[k, k], strides=[stride] * 2, pads=[pad] * 4)
        normalised(n, o)

    def pool(n): add("MaxPool", f"pool{n}", kernel_shape=[3, 3], strides=[2, 2])

    conv(1, 3, 96, 11, 4, 4); pool(1); conv(2, 96, 256, 5, 1, 2); pool(2)
    conv(3, 256, 384, 3, 1, 1); conv(4, 384, 384, 3, 1, 1); conv(5, 384, 256, 3, 1, 1); pool(5)
    add("Flatten", "flatten", axis=1)
    for n, i, o in ((6, 9216, 4096), (7, 4096, 4096), (8, 4096, classes)):
        add("Gemm", f"fc{n}", tensor(f"w{n}", rng.standard_normal((o, i)) * i ** -.5), tensor(f"b{n}", np.full(o, .01)), transB=1)
        if n < 8: normalised(n, o)
    add("Softmax", "y", axis=1)
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("x", [batch, 3, 227, 227]), ("y", [batch, classes]))]
    return helper.make_model(helper.make_graph(nodes, "article", shapes[:1], shapes[1:], weights), opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


parser = argparse.ArgumentParser()
parser.add_argument("runtime", choices=["onnxruntime", "openvino"]); parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--dtype", default="f32"); parser.add_argument("--seconds", type=float, default=10)
o = parser.parse_args()
model = article(o.batch).SerializeToString()
x = np.random.default_rng(1).standard_normal((o.batch, 3, 227, 227), dtype=np.float32)
if o.runtime == "onnxruntime":
    import onnxruntime
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name, run = "ONNX Runtime " + onnxruntime.__version__, lambda: session.run(None, {"x": x})
else:
    import openvino
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", {"INFERENCE_PRECISION_HINT": o.dtype, "PERFORMANCE_HINT": "LATENCY"})
    name, run = "OpenVINO " + openvino.__version__.split("-")[0], lambda: compiled([x])
print(json.dumps({"peer": name, "images_per_s": o.batch / median_seconds(run, o.seconds, 3)}))
