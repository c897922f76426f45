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


weights = torch.tensor([1.0, 0.5, 2.0, 0.25, 1.5, 3.0, 0.75], dtype=torch.float64)
cases = {
    "conv_groups": torch_case((2, 4, 6, 5), lambda x, w, b: F.conv2d(x, w, b, 2, 2, groups=2), (6, 2, 3, 3), (6,)),
    "conv_same": keras_conv((2, 3, 7, 6), (4, 3, 4, 4), 3),
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
    "average_pool_same": keras_pool((2, 2, 7, 6), average=True),
    "tanh": torch_case((2, 3, 2, 2), torch.tanh),
    "sigmoid": torch_case((2, 3, 2, 2), torch.sigmoid),
    "relu": torch_case((2, 3, 2, 2), torch.relu),
}
losses = {"plain": loss_case(None, 0.0), "smoothed": loss_case(None, 0.1), "weighted": loss_case(weights, 0.0),
          "weighted_smoothed": loss_case(weights, 0.1), "mixed": loss_case(None, 0.0, "mixup"),
          "mixed_weighted_smoothed": loss_case(weights, 0.1, "mixup"), "mixed_rows": loss_case(None, 0.1, "rows")}
with open(sys.argv[1], "w") as file:
    json.dump({"ops": cases, "losses": losses}, file)
    file.write("\n")
