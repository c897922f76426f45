"""Keras on TensorFlow on the article's network: images per second.

  keras_peer.py train|infer [--batch N] [--dtype f32|bf16] [--size N] [--channels N] [--classes N] [--seconds X]
"""
import argparse, json, os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np, keras
from keras import layers as L, regularizers as R
from timing import median_seconds

parser = argparse.ArgumentParser()
parser.add_argument("work", choices=["train", "infer"])
parser.add_argument("--batch", type=int, default=128); parser.add_argument("--dtype", default="f32")
parser.add_argument("--size", type=int, default=227); parser.add_argument("--channels", type=int, default=3)
parser.add_argument("--classes", type=int, default=1000); parser.add_argument("--seconds", type=float, default=10)
o = parser.parse_args()


def conv(filters, kernel, stride=1):
    return [L.Conv2D(filters, kernel, strides=stride, padding="same", kernel_regularizer=R.l2(2e-4)), L.Activation("relu"), L.BatchNormalization()]


def pool(): return [L.MaxPooling2D(3, 2), L.Dropout(.25)]
def dense(n): return [L.Dense(n, kernel_regularizer=R.l2(2e-4)), L.Activation("relu"), L.BatchNormalization(), L.Dropout(.5)]


if o.dtype == "bf16": keras.mixed_precision.set_global_policy("mixed_bfloat16")
net = keras.Sequential([keras.Input((o.size, o.size, o.channels)), *conv(96, 11, 4), *pool(), *conv(256, 5), *pool(), *conv(384, 3), *conv(384, 3), *conv(256, 3), *pool(),
                        L.Flatten(), *dense(4096), *dense(4096), L.Dense(o.classes, kernel_regularizer=R.l2(2e-4)), L.Activation("softmax", dtype="float32")])
net.compile(optimizer=keras.optimizers.SGD(.001, momentum=.9), loss="sparse_categorical_crossentropy")
rng = np.random.default_rng(0)
x = rng.standard_normal((o.batch, o.size, o.size, o.channels), dtype=np.float32); y = rng.integers(0, o.classes, o.batch)
step = (lambda: net.train_on_batch(x, y)) if o.work == "train" else (lambda: net.predict_on_batch(x))
print(json.dumps({"peer": "Keras " + keras.__version__, "images_per_s": o.batch / median_seconds(step, o.seconds, 2)}))
