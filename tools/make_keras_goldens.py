#!/usr/bin/env python3
"""Expected values for tests/parity/keras_parity_test.cpp, from real Keras.

    pip install tensorflow-cpu keras numpy
    python3 tools/make_keras_goldens.py          # writes tests/parity/golden/keras.json

The network is the article's Keras code. Weights, images and labels come from a formula that the test
computes too (golden_formula.py), so that only small results are stored: of every tensor some elements, its
norm, its largest magnitude, and two projections on fixed random directions, which every single element moves.

Expected values are computed in float64. The same run in float32 says how far Keras itself, in the precision
everybody uses, is from them: that error is stored beside them and is what the test's tolerances rest on.
"""
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import Sequential
from keras.layers import (Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input,
                          MaxPooling2D)
from keras.regularizers import l2

from golden_formula import bits, parameter, images, to_uniform

SAMPLES = 24

# width, height, depth, classes, batch, SGD steps (0: inference only), series of images. 57 is the smallest side
# that works. The series of small cases is one where float32 and float64 put every unit on the same side of its
# kink (ReLU, max pooling) throughout: with 8 images and 1x1 pixels one unit is a visible fraction of a gradient.
# At 227 there are so many units that some always change sides, and what that does to the gradients grows with
# every step (float32 Keras is 12 % off after three): one step is what can be compared.
CASES = [
    (64, 64, 1, 10, 8, 3, 0),
    (57, 57, 3, 2, 8, 3, 0),
    (99, 67, 3, 7, 8, 3, 3),
    (61, 131, 2, 5, 8, 3, 0),
    (227, 227, 3, 10, 8, 1, 1),
    (227, 227, 3, 1000, 2, 0, 0),
]


def labels(series, step, batch, classes):
    return (bits(f"labels/{series}/{step}", 0, batch) % np.uint64(classes)).astype(np.int64)


# --- the article's network ----------------------------------------------------------------------------------
NAMES = ("conv1 relu1 bn1 pool1 drop1 conv2 relu2 bn2 pool2 drop2 conv3 relu3 bn3 conv4 relu4 bn4 "
         "conv5 relu5 bn5 pool5 drop5 flatten fc6 relu6 bn6 drop6 fc7 relu7 bn7 drop7 fc8 prob").split()


def build(width, height, depth, classes, reg=0.0002, dropout=True):
    """The article's code. `dropout` False sets the rates to 0, for training runs that can be compared."""
    rate = (lambda r: r) if dropout else (lambda r: 0.0)
    model = Sequential()
    model.add(Input((height, width, depth)))
    model.add(Conv2D(96, (11, 11), strides=(4, 4), padding="same", kernel_regularizer=l2(reg)))
    model.add(Activation("relu"))
    model.add(BatchNormalization(axis=-1))
    model.add(MaxPooling2D(pool_size=(3, 3), strides=(2, 2)))
    model.add(Dropout(rate(0.25)))
    model.add(Conv2D(256, (5, 5), padding="same", kernel_regularizer=l2(reg)))
    model.add(Activation("relu"))
    model.add(BatchNormalization(axis=-1))
    model.add(MaxPooling2D(pool_size=(3, 3), strides=(2, 2)))
    model.add(Dropout(rate(0.25)))
    for filters in (384, 384, 256):
        model.add(Conv2D(filters, (3, 3), padding="same", kernel_regularizer=l2(reg)))
        model.add(Activation("relu"))
        model.add(BatchNormalization(axis=-1))
    model.add(MaxPooling2D(pool_size=(3, 3), strides=(2, 2)))
    model.add(Dropout(rate(0.25)))
    model.add(Flatten())
    for _ in range(2):
        model.add(Dense(4096, kernel_regularizer=l2(reg)))
        model.add(Activation("relu"))
        model.add(BatchNormalization())
        model.add(Dropout(rate(0.5)))
    model.add(Dense(classes, kernel_regularizer=l2(reg)))
    model.add(Activation("softmax"))
    assert len(model.layers) == len(NAMES)
    return model


KINDS = {"kernel": "weight", "gamma": "weight", "bias": "bias", "beta": "bias",
         "moving_mean": "running_mean", "moving_variance": "running_var"}


class Layouts:
    """Between Keras's order of a tensor and the canonical one."""

    def __init__(self, model):
        self.model = model
        self.flattened = model.layers[NAMES.index("pool5")].output.shape[1:]  # h, w, c
        self.variables = {}  # canonical name -> Keras variable
        for name, layer in zip(NAMES, model.layers):
            for variable in layer.weights:
                self.variables[f"{name}.{KINDS[variable.name]}"] = variable

    def canonical(self, name, value):
        value = np.asarray(value)
        if value.ndim == 4:
            return value.transpose(3, 2, 0, 1)
        if name == "fc6.weight":
            return value.reshape(*self.flattened, -1).transpose(3, 2, 0, 1).reshape(value.shape[::-1])
        return value.T

    def keras(self, name, value):
        if value.ndim == 4:
            return value.transpose(2, 3, 1, 0)
        if name == "fc6.weight":
            h, w, c = self.flattened
            return value.reshape(-1, c, h, w).transpose(2, 3, 1, 0).reshape(value.shape[::-1])
        return value.T

    def canonical_shape(self, name):
        shape = tuple(self.variables[name].shape)
        if len(shape) == 4:
            return shape[3], shape[2], shape[0], shape[1]
        return shape[::-1]

    def activation(self, name, value):
        value = np.asarray(value)
        if name == "flatten":
            value = value.reshape(-1, *self.flattened)
        return value.transpose(0, 3, 1, 2) if value.ndim == 4 else value

    def start(self):
        for name, variable in self.variables.items():
            variable.assign(self.keras(name, parameter(name, self.canonical_shape(name))))


# --- what is stored of a tensor -----------------------------------------------------------------------------
def digest(name, tensor):
    flat = np.asarray(tensor, np.float64).reshape(-1)
    places = (bits("sample/" + name, 0, SAMPLES) % np.uint64(flat.size)).astype(np.int64)
    projections = [0.0, 0.0]
    for begin in range(0, flat.size, 1 << 22):
        end = min(flat.size, begin + (1 << 22))
        z = bits("projection/" + name, begin, end)
        for j, shift in enumerate((40, 16)):
            projections[j] += float(to_uniform(z, shift).astype(np.float64) @ flat[begin:end])
    return {"name": name, "count": flat.size, "samples": flat[places].tolist(),
            "projections": projections, "norm": float(np.linalg.norm(flat)),
            "largest": float(np.abs(flat).max())}


def change(name, values, before):
    """Of values - before. A change below a thousandth of the values is not measured more finely than that:
    float32 rounds the values themselves to 6e-8."""
    before = np.asarray(before, np.float64)
    result = digest(name, np.asarray(values, np.float64) - before)
    result["min_norm"] = 1e-3 * float(np.linalg.norm(before))
    result["min_largest"] = 1e-3 * float(np.abs(before).max())
    return result


def difference(want, got):
    """The measure of the test: elements against the largest one, norm and projections against the norm."""
    largest = max(want["largest"], want.get("min_largest", 0.0)) or 1.0
    norm = max(want["norm"], want.get("min_norm", 0.0)) or 1.0
    elements = [abs(a - b) / largest for a, b in zip(want["samples"], got["samples"])]
    whole = [abs(a - b) / norm for a, b in zip(want["projections"], got["projections"])]
    return max(elements + whole + [abs(want["norm"] - got["norm"]) / norm])


def run(case, floatx):
    """All quantities of a case: {quantity: [digest, ...]}."""
    width, height, depth, classes, batch, steps, series = case
    keras.backend.clear_session()
    keras.config.set_floatx(floatx)
    model = build(width, height, depth, classes, dropout=steps == 0)
    layouts = Layouts(model)
    layouts.start()
    # One chain of calls of our own: `layer.output` of a Sequential belongs to the chain of some add().
    outputs = [keras.Input((height, width, depth))]
    for layer in model.layers:
        outputs.append(layer(outputs[-1]))
    every_output = keras.Model(outputs[0], outputs[1:])

    def batch_of(step):
        values = images(series, step, (batch, depth, height, width))
        return np.ascontiguousarray(values.transpose(0, 2, 3, 1)).astype(floatx)

    def activations(quantity, outputs):
        return [digest(f"{quantity}/{name}", layouts.activation(name, value))
                for name, value in zip(NAMES, outputs)]

    def scalar(name, value):
        value = float(value)
        return {"name": name, "count": 1, "samples": [value], "projections": [], "norm": abs(value),
                "largest": abs(value)}

    result = {"inference": activations("inference", every_output(batch_of(0), training=False))}
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()
    for step in range(steps):
        with tf.GradientTape() as tape:
            outputs = every_output(batch_of(step), training=True)
            data_loss = cross_entropy(labels(series, step, batch, classes), outputs[-1])
            l2_loss = tf.add_n(model.losses)
            loss = data_loss + l2_loss
        trainable = model.trainable_variables
        gradients = tape.gradient(loss, trainable)
        if step == 0:
            result["training"] = activations("training", outputs)
            result["loss"] = [scalar("loss/cross_entropy", data_loss), scalar("loss/l2", l2_loss),
                              scalar("loss/total", loss)]
            by_id = {id(v): g for v, g in zip(trainable, gradients)}
            result["gradient"] = [
                digest(f"gradient/{name}", layouts.canonical(name, by_id[id(variable)]))
                for name, variable in layouts.variables.items() if id(variable) in by_id]
        optimizer.apply_gradients(zip(gradients, trainable))
        del gradients, outputs, tape
        if step + 1 in (1, 3):
            quantity = f"change_after_{step + 1}"
            result[quantity] = [change(f"{quantity}/{name}", layouts.canonical(name, variable),
                                       parameter(name, layouts.canonical_shape(name)))
                                for name, variable in layouts.variables.items()]
    return result


def rounded(value, digits=10):
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    return value


def main():
    golden = {"made_by": f"tools/make_keras_goldens.py, keras {keras.__version__}, "
                         f"tensorflow {tf.__version__}, numpy {np.__version__}", "cases": []}
    for case in CASES:
        width, height, depth, classes, batch, steps, series = case
        label = f"{width}x{height}x{depth}, {classes} classes, batch {batch}"
        began = time.time()
        want, single = run(case, "float64"), run(case, "float32")
        quantities = {}
        for quantity, digests in want.items():
            errors = [difference(a, b) for a, b in zip(digests, single[quantity])]
            quantities[quantity] = {"keras_float32_error": rounded(max(errors), 3),
                                    "tensors": rounded(digests)}
            print(f"{label:36} {quantity:15} float32 error {max(errors):.1e} "
                  f"({digests[int(np.argmax(errors))]['name']})", flush=True)
        golden["cases"].append({"label": label, "width": width, "height": height, "depth": depth,
                                "classes": classes, "batch": batch, "steps": steps, "series": series,
                                "quantities": quantities})
        print(f"{label}: {time.time() - began:.0f} s", flush=True)
    path = pathlib.Path(__file__).parent.parent / "tests/parity/golden/keras.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(golden, separators=(",", ":")).replace('{"name"', '\n{"name"')
    path.write_text(text + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
