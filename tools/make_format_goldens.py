"""Writes the small files of tests/formats/golden with the formats' own Python packages (numpy, safetensors, torch)."""
import pathlib

import numpy
import torch
from safetensors.torch import save_file

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/formats/golden"


def npy(name, array, version=None):
    with open(GOLDEN / f"{name}.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version=version)


def npy_files():
    steps = numpy.arange(12).reshape(3, 4)
    for kind in ("f2", "f4", "f8"):
        npy(kind, ((steps - 5) * 0.25).astype(f"<{kind}"))
    for kind in ("i1", "i2", "i4", "i8"):
        npy(kind, (steps - 5).astype(f"<{kind}"))
    for kind in ("u1", "u2", "u4", "u8"):
        npy(kind, (steps * 3).astype(f"<{kind}"))
    floats = ((steps - 5) * 0.25).astype("<f4")
    npy("version2", floats, version=(2, 0))
    npy("version3", floats, version=(3, 0))
    npy("scalar", numpy.float32(2.5))
    npy("empty", numpy.zeros((0, 3), "<f4"))
    npy("line", numpy.array([1, 2, 3], "<f4"))
    npy("big_endian", floats.astype(">f4"))
    npy("fortran", numpy.asfortranarray(floats))
    npy("complex", floats.astype("<c8"))
    npy("records", numpy.zeros(2, [("a", "<f4"), ("b", "<i4")]))


def safetensors_file():
    # Ordinary numbers, the largest and the smallest ones, subnormals; halves round on the way in.
    values = torch.tensor([1.5, -2.25, 0.1, 65504.0, 6.1e-5, -5.9e-8, 3e-7, 0.0, -0.0, 1e30])
    ordinary = values.clamp(-65504, 65504)
    tensors = {
        "f32": values.reshape(2, 5),
        "f16": ordinary.half(),
        "bf16": values.bfloat16(),
        "f64": values.double() / 3,
        "i64": torch.tensor([-7, 1 << 40]),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(4.25),
        "empty": torch.zeros(0, 3),
    }
    save_file(tensors, GOLDEN / "python.safetensors", metadata={"made by": "the safetensors package", "ünï": "☃"})
    for name, tensor in tensors.items():
        npy(f"python.{name}", tensor.float().numpy())


GOLDEN.mkdir(parents=True, exist_ok=True)
npy_files()
safetensors_file()
