#!/usr/bin/env python3
"""Expected values for tests/parity/torch_parity_test.cpp, from PyTorch and torchvision.

    pip install torch torchvision tensorflow-cpu keras numpy
    python3 tools/make_torch_goldens.py          # writes tests/parity/golden/torch.json

Presets of the AlexNet family: `owt` is torchvision.models.alexnet itself; `caffe` is written down here with
PyTorch's layers, whose conventions are Caffe's (LocalResponseNorm divides alpha by n) but for pooling, where
Caffe rounds sizes up; `paper` has the paper's formula for the normalisation, evaluated directly. Weights,
images, labels and what is stored of a tensor are those of make_keras_goldens.py. Expected values are
computed in float64; what PyTorch itself makes of it in float32 is stored beside them.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from golden_formula import parameter, uniform
from make_keras_goldens import digest, labels


class PaperLrn(torch.nn.Module):
    """b_c = a_c / (k + alpha * sum of a_j^2 over the five channels around c) ^ beta."""

    def forward(self, a):
        channels = a.shape[1]
        sums = [(a[:, max(0, c - 2):min(channels, c + 3)] ** 2).sum(1) for c in range(channels)]
        return a / (2 + 1e-4 * torch.stack(sums, 1)) ** 0.75


def towers(lrn, ceil, size, classes):
    """The paper's layers; `lrn` makes the normalisation."""
    pool = lambda: torch.nn.MaxPool2d(3, 2, ceil_mode=ceil)
    conv, relu = torch.nn.Conv2d, torch.nn.ReLU
    features = torch.nn.Sequential(
        conv(3, 96, 11, 4), relu(), lrn(), pool(),
        conv(96, 256, 5, padding=2, groups=2), relu(), lrn(), pool(),
        conv(256, 384, 3, padding=1), relu(), conv(384, 384, 3, padding=1, groups=2), relu(),
        conv(384, 256, 3, padding=1, groups=2), relu(), pool(), torch.nn.Flatten())
    inputs = features(torch.zeros(1, 3, size, size)).shape[1]
    dense = torch.nn.Linear
    return torch.nn.Sequential(*features, dense(inputs, 4096), relu(), dense(4096, 4096), relu(),
                               dense(4096, classes))


NETWORKS = {
    "owt": lambda size, classes: torchvision.models.alexnet(num_classes=classes),
    "caffe": lambda size, classes: towers(lambda: torch.nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0), True, size,
                                          classes),
    "paper": lambda size, classes: towers(PaperLrn, False, size, classes),
}
# preset, size, classes, batch, series of images. At 231 every one of Caffe's poolings rounds up.
CASES = [("owt", 224, 1000, 2, 0), ("caffe", 231, 10, 2, 0), ("paper", 99, 10, 4, 0)]
NAMES = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")


def run(case, dtype):
    """Digests of logits and gradients by quantity; eval(): without dropout."""
    preset, size, classes, batch, series = case
    network = NETWORKS[preset](size, classes).to(dtype).eval()
    layers = [m for m in network.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    tensors = {f"{name}.{kind}": getattr(layer, kind)
               for name, layer in zip(NAMES, layers, strict=True) for kind in ("weight", "bias")}
    with torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(torch.from_numpy(parameter(name, tuple(tensor.shape))))
    images = 2 * uniform(f"input/{series}/0", (batch, 3, size, size))
    images = torch.from_numpy(images).to(dtype).requires_grad_()
    logits = network(images)
    loss = F.cross_entropy(logits, torch.from_numpy(labels(series, 0, batch, classes)))
    loss.backward()
    value = float(loss.detach())
    scalar = {"name": "loss/cross_entropy", "count": 1, "samples": [value], "projections": [],
              "norm": abs(value), "largest": abs(value)}
    return {"logits": [digest("logits/fc8", logits.detach().numpy())], "loss": [scalar],
            "gradient": [digest(f"gradient/{n}", t.grad.numpy()) for n, t in tensors.items()],
            "input_gradient": [digest("input_gradient/input", images.grad.numpy())]}


def difference(want, got):
    """As tests/parity/keras_golden.h."""
    worst = abs(want["norm"] - got["norm"]) / want["norm"]
    pairs = [(want["samples"], got["samples"], want["largest"]),
             (want["projections"], got["projections"], want["norm"])]
    for a, b, unit in pairs:
        worst = max([worst] + [abs(x - y) / unit for x, y in zip(a, b)])
    return worst


def main():
    cases = []
    for case in CASES:
        preset, size, classes, batch, series = case
        exact, single = run(case, torch.float64), run(case, torch.float32)
        quantities = {}
        for name, tensors in exact.items():
            error = max(difference(a, b) for a, b in zip(tensors, single[name]))
            quantities[name] = {"keras_float32_error": error, "tensors": tensors}
            print(f"{preset:8} {name:16} {len(tensors):3} tensors, float32 {error:.1e}")
        cases.append({"label": preset, "width": size, "height": size, "depth": 3, "classes": classes,
                      "batch": batch, "steps": 1, "series": series, "quantities": quantities})
    path = pathlib.Path(__file__).parent.parent / "tests/parity/golden/torch.json"
    path.write_text(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__,
                                "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
