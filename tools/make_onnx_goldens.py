"""Writes tests/formats/golden/onnx with the packages onnx and onnxruntime: small networks as other programs write them,
and ONNX Runtime's answers. Checks a file that this program exported (small.onnx, of tests/inference/golden) as well."""
import pathlib

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parent.parent / "tests"
GOLDEN = ROOT / "formats/golden/onnx"
RANDOM = numpy.random.default_rng(3)


def values(*shape):
    return (RANDOM.standard_normal(shape) * 0.5).astype(numpy.float32)


def raw(name, array):
    return onnx.numpy_helper.from_array(array, name)


def typed(name, array, kind=TensorProto.FLOAT):
    """The values in the field of their type, not in raw_data."""
    return helper.make_tensor(name, kind, array.shape, array.flatten().tolist())


def ints(name, *numbers):
    return raw(name, numpy.array(numbers, numpy.int64))


def formula(shape):
    """The input of the tests: see onnx_test.cpp."""
    return ((numpy.arange(numpy.prod(shape)) * 7 % 13 - 6) / 8).astype(numpy.float32).reshape(shape)


def save(name, opset, input_shape, nodes, tensors, tensors_are_inputs=False):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape)]
    if tensors_are_inputs:
        inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors]
    outputs = [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, [input_shape[0], None])]
    graph = helper.make_graph(nodes, name, inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=3 if opset < 9 else 8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, GOLDEN / f"{name}.onnx")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    numpy.save(GOLDEN / f"{name}.npy", session.run(None, {"x": formula([2, *input_shape[1:]])})[0])


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs.split(), [output], **attributes)


def older():
    """Opset 8, like CNTK: biases are added, weights are inputs too, padding is automatic."""
    save("older", 8, [2, 3, 10, 9], [
        node("Conv", "x w1", "c1", auto_pad="SAME_UPPER", kernel_shape=[4, 4], strides=[2, 2]),
        node("Add", "c1 b1", "a1"),
        node("Relu", "a1", "r1"),
        node("MaxPool", "r1", "p1", auto_pad="SAME_UPPER", kernel_shape=[3, 3], strides=[2, 2]),
        node("Dropout", "p1", "d1", ratio=0.25),
        node("Reshape", "d1 shape", "f"),
        node("MatMul", "f w2", "m"),
        node("Add", "m b2", "a2"),
        node("Softmax", "a2", "y"),
    ], [raw("w1", values(4, 3, 4, 4)), typed("b1", values(4, 1, 1)), ints("shape", 0, -1), raw("w2", values(36, 5)),
        raw("b2", values(1, 5))], tensors_are_inputs=True)


def newer():
    """Opset 17: groups, rounding up, normalisations, factors of Gemm, half precision, values in typed fields."""
    half = typed("b2", values(6).astype(numpy.float16), TensorProto.FLOAT16)
    save("newer", 17, ["n", 4, 12, 12], [
        node("Conv", "x w1", "c1", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], group=2),
        node("LRN", "c1", "l1", size=3, alpha=0.3, beta=0.6, bias=1.5),
        node("MaxPool", "l1", "p1", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        node("Identity", "scale", "scale2"),
        node("BatchNormalization", "p1 scale2 shift mean variance", "n1", epsilon=0.01),
        node("Cast", "b2", "b2f", to=TensorProto.FLOAT),
        node("Conv", "n1 w2 b2f", "c2", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Tanh", "c2", "t2"),
        node("AveragePool", "t2", "p2", kernel_shape=[2, 2], strides=[1, 1]),
        node("Constant", "", "ratio", value_float=0.5),
        node("Flatten", "p2", "f"),
        node("Dropout", "f ratio", "d"),
        node("Gemm", "d w3 b3", "y", transB=1, alpha=0.5, beta=2.0),
    ], [raw("w1", values(8, 2, 3, 3)), raw("scale", values(8)), typed("shift", values(8)), raw("mean", values(8)),
        raw("variance", numpy.abs(values(8)) + 0.5), typed("w2", values(6, 8, 3, 3)), half, raw("w3", values(7, 24)),
        typed("b3", values(1).astype(numpy.float64).astype(numpy.float32))])


def channels_last():
    """Like tf2onnx: the channels of images are last, also where they are flattened; padding is a node."""
    save("channels_last", 13, [None, 8, 6, 3], [
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
        node("Pad", "t pads", "padded", mode="constant"),
        node("Conv", "padded w1 b1", "c1", kernel_shape=[3, 3]),
        node("Sigmoid", "c1", "s1"),
        node("MaxPool", "s1", "p1", kernel_shape=[2, 2], strides=[2, 2]),
        node("Transpose", "p1", "back", perm=[0, 2, 3, 1]),
        node("Reshape", "back shape", "f"),
        node("Transpose", "w2", "w2t", perm=[1, 0]),
        node("MatMul", "f w2t", "m"),
        node("Add", "b2 m", "y"),
    ], [ints("pads", 0, 0, 1, 1, 0, 0, 1, 1), raw("w1", values(4, 3, 3, 3)), raw("b1", values(4)),
        ints("shape", -1, 48), raw("w2", values(5, 48)), raw("b2", values(5))])


def windows():
    """Kernels, strides and padding that differ by axis and side; averages that count padding."""
    save("windows", 13, [None, 2, 11, 14], [
        node("Conv", "x w1 b1", "c1", kernel_shape=[2, 3], strides=[1, 2], pads=[0, 2, 1, 1]),
        node("AveragePool", "c1", "p1", auto_pad="SAME_LOWER", kernel_shape=[2, 3], strides=[2, 1],
             count_include_pad=1),
        node("Relu", "p1", "r1"),
        node("MaxPool", "r1", "p2", auto_pad="SAME_LOWER", kernel_shape=[2, 2], strides=[1, 1]),
        node("AveragePool", "p2", "p3", kernel_shape=[2, 3], pads=[1, 0, 0, 2], strides=[1, 1]),
        node("Pad", "p3 pads", "padded", mode="constant"),
        node("AveragePool", "padded", "p4", kernel_shape=[3, 3], pads=[0, 0, 0, 1], strides=[2, 2]),
        node("Flatten", "p4", "f"),
        node("Gemm", "f w2 b2", "g", transB=1),
        node("LogSoftmax", "g", "y"),
    ], [raw("w1", values(3, 2, 2, 3)), raw("b1", values(3)), ints("pads", 0, 0, 1, 1, 0, 0, 0, 1),
        raw("w2", values(4, 45)), raw("b2", values(4))])


def exported():
    """What PyTorch says of the same network is in tests/inference/golden."""
    onnx.checker.check_model(onnx.load(GOLDEN / "small.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(GOLDEN / "small.onnx")
    images = numpy.load(ROOT / "inference/golden/input.npy").transpose(0, 3, 1, 2)
    expected = numpy.load(ROOT / "inference/golden/output.prob.npy")
    for image, answer in zip(images, expected):
        numpy.testing.assert_allclose(session.run(None, {"input": image[None]})[0][0], answer, atol=1e-6)
    numpy.testing.assert_allclose(session.run(None, {"input": images})[0], expected, atol=1e-6)


GOLDEN.mkdir(parents=True, exist_ok=True)
older()
newer()
channels_last()
windows()
exported()
