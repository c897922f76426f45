"""Weights and images that both the scripts here and tests/parity/keras_golden.h compute, so that golden files
hold results only. Everything is exact in float32."""
import numpy as np

GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)


def name_hash(name):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) % 2**64
    return np.uint64(h)


def bits(name, begin, end):
    """64 random bits for each of the elements begin..end of the stream `name` (SplitMix64)."""
    with np.errstate(over="ignore"):
        z = name_hash(name) + (np.arange(begin, end, dtype=np.uint64) + np.uint64(1)) * GOLDEN_RATIO
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def to_uniform(z, shift):
    """24 of the bits as a float in [-1, 1), exact in float32."""
    field = (z >> np.uint64(shift)) & np.uint64(0xFFFFFF)
    return (field.astype(np.float32) - np.float32(2**23)) / np.float32(2**23)


def uniform(name, shape):
    count = int(np.prod(shape))
    values = np.empty(count, np.float32)
    for begin in range(0, count, 1 << 22):
        end = min(count, begin + (1 << 22))
        values[begin:end] = to_uniform(bits(name, begin, end), 40)
    return values.reshape(shape)


def parameter(name, shape):
    """What tensor `name` starts with, in canonical order: OIHW, [out, in] with CHW-flattened input."""
    layer, kind = name.split(".")
    u = uniform(name, shape)
    if layer.startswith("bn"):
        scale, offset = {"weight": (0.25, 1.0), "bias": (0.125, 0.0),
                         "running_mean": (0.25, 1.0), "running_var": (0.25, 0.5)}[kind]
        if name == "bn7.weight":  # small inputs to fc8: without this, one step of 0.01 moves logits by 5
            scale, offset = 1 / 64, 1 / 16
    elif kind == "bias":  # most units clearly above zero: a unit at the kink may fall to either side in float32
        scale, offset = 0.125, 1.0
    else:
        scale, offset = np.sqrt(1.5 / np.prod(shape[1:])), 0.0
    return np.float32(scale) * u + np.float32(offset)


def images(series, step, shape):
    """The images of a step of a series, [batch, depth, height, width]."""
    return 2 * uniform(f"input/{series}/{step}", shape)
