#!/usr/bin/env python3
"""Writes tests/engine/golden/ops.json: single layers and losses as PyTorch (and, for "same" padding and batch
normalisation, Keras) computes them. Needs numpy, torch, keras and tensorflow-cpu.

    python tools/make_op_goldens.py tests/engine/golden/ops.json

Inputs are not stored: element i of tensor number k is pattern(k)[i], exact in float32.
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F


def pattern(k, shape):
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (((i * 7919 + k * 104729) % 257) / 128.0 - 1.0).astype(np.float32).reshape(shape)


INPUT, KERNEL, BIAS, SLOPE = 0, 1, 2, 3


def rounded(array):
    return [float(f"{v:.8g}") for v in np.asarray(array, dtype=np.float64).ravel()]


def torch_case(shape, function, *weights):
    """Output, and the gradients of sum(slope * output)."""
    tensors = [torch.tensor(pattern(k, s), dtype=torch.float64, requires_grad=True)
               for k, s in zip((INPUT, KERNEL, BIAS), (shape, *weights))]
    y = function(*tensors)
    y.backward(torch.tensor(pattern(SLOPE, tuple(y.shape)), dtype=torch.float64))
    names = ("input_gradient", "weight_gradient", "bias_gradient")
    return {"output": rounded(y.detach())} | {n: rounded(t.grad) for n, t in zip(names, tensors)}


def keras_conv(shape, kernel, stride):
    """Keras's "same", NHWC inside, written in NCHW and OIHW."""
    x = tf.Variable(pattern(INPUT, shape).transpose(0, 2, 3, 1))
    w = tf.Variable(pattern(KERNEL, kernel).transpose(2, 3, 1, 0))
    b = tf.Variable(pattern(BIAS, kernel[:1]))
    with tf.GradientTape() as tape:
        y = keras.ops.conv(x, w, strides=stride, padding="same", data_format="channels_last") + b
        out = y.numpy().transpose(0, 3, 1, 2)
        loss = tf.reduce_sum(y * pattern(SLOPE, out.shape).transpose(0, 2, 3, 1))
    dx, dw, db = tape.gradient(loss, [x, w, b])
    return {"output": rounded(out), "input_gradient": rounded(dx.numpy().transpose(0, 3, 1, 2)),
            "weight_gradient": rounded(dw.numpy().transpose(3, 2, 0, 1)), "bias_gradient": rounded(db.numpy())}


def keras_pool(shape, average):
    x = tf.Variable(pattern(INPUT, shape).transpose(0, 2, 3, 1))
    pool = keras.ops.average_pool if average else keras.ops.max_pool
    with tf.GradientTape() as tape:
        y = pool(x, 3, 2, padding="same", data_format="channels_last")
        out = y.numpy().transpose(0, 3, 1, 2)
        loss = tf.reduce_sum(y * pattern(SLOPE, out.shape).transpose(0, 2, 3, 1))
    return {"output": rounded(out), "input_gradient": rounded(tape.gradient(loss, x).numpy().transpose(0, 3, 1, 2))}


def keras_batch_norm(shape):
    layer = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.75)
    x = tf.Variable(pattern(INPUT, shape).transpose(0, 2, 3, 1))
    layer.build(x.shape)
    layer.gamma.assign(pattern(KERNEL, shape[1:2]))
    layer.beta.assign(pattern(BIAS, shape[1:2]))
    with tf.GradientTape() as tape:
        y = layer(x, training=True)
        out = y.numpy().transpose(0, 3, 1, 2)
        loss = tf.reduce_sum(y * pattern(SLOPE, out.shape).transpose(0, 2, 3, 1))
    dx, dw, db = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
    # The moving mean starts at 0, the moving variance at 1.
    return {"output": rounded(out), "input_gradient": rounded(dx.numpy().transpose(0, 3, 1, 2)),
            "weight_gradient": rounded(dw.numpy()), "bias_gradient": rounded(db.numpy()),
            "moving_mean": rounded(layer.moving_mean.numpy()),
            "moving_variance": rounded(layer.moving_variance.numpy())}


def loss_case(weights, smoothing, mix=None):
    logits = torch.tensor(3 * pattern(INPUT, (6, 7)), dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([3, 0, 6, 6, 2, 5])
    loss_of = torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=smoothing)
    if mix is None:
        loss = loss_of(logits, labels)
    elif mix == "mixup":  # as its authors' program: one fraction, others by an order of the batch
        loss = 0.625 * loss_of(logits, labels) + 0.375 * loss_of(logits, labels[torch.tensor([2, 0, 1, 4, 5, 3])])
    else:  # a fraction and another label for each row, as probabilities of classes
        fractions = torch.tensor([1, 0.9, 0.75, 0.5, 0.625, 0.8125], dtype=torch.float64)
        others = F.one_hot(torch.tensor([1, 1, 6, 0, 3, 2]), 7)
        loss = loss_of(logits, fractions[:, None] * F.one_hot(labels, 7) + (1 - fractions[:, None]) * others)
    loss.backward()
    order = torch.argsort(logits, dim=1, descending=True, stable=True)
    hits = [(order[:, :n] == labels[:, None]).any(1).sum().item() for n in (1, 5)]
    return {"loss": loss.item(), "top1": hits[0], "top5": hits[1], "gradient": rounded(logits.grad)}


def tied():
    """Few different values: of equal maxima the first gets the gradient."""
    x = torch.tensor(np.round(2 * pattern(INPUT, (2, 3, 8, 7))), dtype=torch.float32, requires_grad=True)
    y = F.max_pool2d(x, 3, 2)
    y.backward(torch.tensor(pattern(SLOPE, tuple(y.shape))))
    return {"output": rounded(y.detach()), "input_gradient": rounded(x.grad)}


def padded(x, top, left, bottom, right):
    return F.pad(x, (left, right, top, bottom))


def caffe_average_pool(x, kernel, stride, pad):
    """The loops of Caffe's pooling_layer.cpp: sizes rounded up, windows cut off at the padded image, and divided
    by what is left of them."""
    size = [-(-(side + 2 * pad - kernel) // stride) + 1 for side in x.shape[2:]]
    size = [n - 1 if (n - 1) * stride >= side + pad else n for n, side in zip(size, x.shape[2:])]
    y = np.zeros(x.shape[:2] + tuple(size))
    for ph in range(size[0]):
        for pw in range(size[1]):
            h, w = ph * stride - pad, pw * stride - pad
            h_end, w_end = min(h + kernel, x.shape[2] + pad), min(w + kernel, x.shape[3] + pad)
            pool_size = (h_end - h) * (w_end - w)
            h, w, h_end, w_end = max(h, 0), max(w, 0), min(h_end, x.shape[2]), min(w_end, x.shape[3])
            y[:, :, ph, pw] = x[:, :, h:h_end, w:w_end].sum((2, 3)) / pool_size
    return y


def average_pool_counts_ceil():
    """PyTorch's, which must be Caffe's as well."""
    result = torch_case((2, 2, 8, 6),
                        lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=True))
    caffe = caffe_average_pool(pattern(INPUT, (2, 2, 8, 6)).astype(np.float64), 3, 2, 1)
    assert np.allclose(caffe.ravel(), result["output"], rtol=0, atol=1e-7)
    return result


def within_channel(x):
    """Caffe's lrn_layer.cpp for WITHIN_CHANNEL: an average pooling of the squares, then 1 + alpha * mean."""
    return x * (1 + 0.5 * F.avg_pool2d(x * x, 3, 1, 1, count_include_pad=True)) ** -0.75


def digits():
    """A network that ends in batch normalisation over its logits and log-softmax, in training and inference."""
    layers = {"conv1": torch.nn.Conv2d(1, 2, 3), "conv2": torch.nn.Conv2d(2, 3, 3),
              "conv3": torch.nn.Conv2d(3, 4, 3), "bn1": torch.nn.BatchNorm2d(4), "fc1": torch.nn.Linear(16, 5),
              "fc2": torch.nn.Linear(5, 10), "bn2": torch.nn.BatchNorm1d(10)}
    for layer in layers.values():
        layer.double()
        for k, tensor in ((KERNEL, layer.weight), (BIAS, layer.bias)):
            tensor.data = torch.tensor(pattern(k, tuple(tensor.shape)), dtype=torch.float64)
    x = torch.tensor(pattern(INPUT, (3, 1, 8, 8)), dtype=torch.float64, requires_grad=True)

    def logits():
        y = layers["conv3"](layers["conv2"](layers["conv1"](x)))
        y = layers["fc1"](layers["bn1"](y.relu()).flatten(1))
        return layers["bn2"](layers["fc2"](y.relu()))

    for layer in layers.values():
        layer.eval()
    inference = F.log_softmax(logits(), 1)
    for layer in layers.values():
        layer.train()
    y = logits()
    y.backward(torch.tensor(pattern(SLOPE, (3, 10)), dtype=torch.float64))
    gradients = {f"{name}.{kind}": rounded(getattr(layer, kind).grad)
                 for name, layer in layers.items() for kind in ("weight", "bias")}
    return {"inference": rounded(inference.detach()), "training": rounded(F.log_softmax(y, 1).detach()),
            "input_gradient": rounded(x.grad), "gradients": gradients}


weights = torch.tensor([1.0, 0.5, 2.0, 0.25, 1.5, 3.0, 0.75], dtype=torch.float64)
cases = {
    "conv_groups": torch_case((2, 4, 6, 5), lambda x, w, b: F.conv2d(x, w, b, 2, 2, groups=2), (6, 2, 3, 3), (6,)),
    "conv_same": keras_conv((2, 3, 7, 6), (4, 3, 4, 4), 3),
    "conv_rectangle": torch_case((2, 3, 7, 8), lambda x, w, b: F.conv2d(padded(x, 1, 0, 2, 1), w, b, (2, 1)),
                                 (4, 3, 3, 2), (4,)),
    "dense": torch_case((3, 7), F.linear, (5, 7), (5,)),
    "batch_norm": keras_batch_norm((3, 4, 3, 2)),
    # PyTorch's LRN divides alpha by the size; the paper's does not.
    "lrn_mean": torch_case((2, 7, 3, 2), lambda x: F.local_response_norm(x, 5, 0.5, 0.75, 1.0)),
    "lrn_sum": torch_case((2, 7, 3, 2), lambda x: F.local_response_norm(x, 5, 0.5 * 5, 0.75, 2.0)),
    "lrn_even": torch_case((2, 6, 3, 2), lambda x: F.local_response_norm(x, 4, 0.5, 0.75, 1.0)),
    "max_pool_ceil": torch_case((2, 2, 8, 6), lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True)),
    "max_pool_same": keras_pool((2, 2, 7, 6), average=False),
    "max_pool_tied": tied(),
    "average_pool_ceil": torch_case(
        (2, 2, 8, 6), lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)),
    "average_pool_counts_ceil": average_pool_counts_ceil(),
    "average_pool_counts": torch_case(
        (2, 2, 6, 7), lambda x: F.avg_pool2d(x, (3, 2), (1, 2), (1, 0), count_include_pad=True)),
    "average_pool_rectangle": torch_case(
        (2, 2, 6, 7), lambda x: F.avg_pool2d(x, (3, 2), (1, 2), (1, 0), count_include_pad=False)),
    "max_pool_rectangle": torch_case((2, 2, 6, 7), lambda x: F.max_pool2d(x, (2, 3), (2, 1), (1, 0))),
    "lrn_within": torch_case((2, 3, 5, 4), within_channel),
    "log_softmax": torch_case((3, 7), lambda x: F.log_softmax(5 * x, 1)),
    "average_pool_same": keras_pool((2, 2, 7, 6), average=True),
    "tanh": torch_case((2, 3, 2, 2), torch.tanh),
    "sigmoid": torch_case((2, 3, 2, 2), torch.sigmoid),
    "relu": torch_case((2, 3, 2, 2), torch.relu),
}
losses = {"plain": loss_case(None, 0.0), "smoothed": loss_case(None, 0.1), "weighted": loss_case(weights, 0.0),
          "weighted_smoothed": loss_case(weights, 0.1), "mixed": loss_case(None, 0.0, "mixup"),
          "mixed_weighted_smoothed": loss_case(weights, 0.1, "mixup"), "mixed_rows": loss_case(None, 0.1, "rows")}
with open(sys.argv[1], "w") as file:
    json.dump({"ops": cases, "losses": losses, "networks": {"digits": digits()}}, file)
    file.write("\n")
