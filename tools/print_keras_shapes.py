"""Prints the output sizes (height x width x channels) that Keras gives the article's network: tests/model/network_test.cpp."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras  # noqa: E402
from keras import layers  # noqa: E402

SIZES = [(227, 227, 3), (64, 64, 1), (224, 160, 3), (63, 101, 3), (255, 256, 3), (131, 90, 3), (57, 227, 3), (56, 227, 3)]


def shapes(width, height, depth):
    x = keras.Input((height, width, depth))
    for block, (filters, kernel, stride, pooled) in enumerate(
        [(96, 11, 4, True), (256, 5, 1, True), (384, 3, 1, False), (384, 3, 1, False), (256, 3, 1, True)], start=1
    ):
        x = layers.Conv2D(filters, kernel, strides=stride, padding="same")(x)
        yield f"conv{block}", x.shape
        if pooled:
            x = layers.MaxPooling2D(3, strides=2)(x)
            yield f"pool{block}", x.shape


for size in SIZES:
    try:
        text = " ".join(f"{name}={'x'.join(map(str, shape[1:]))}" for name, shape in shapes(*size))
    except ValueError:
        text = "too small"
    print(*size, text)
