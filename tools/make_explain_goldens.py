#!/usr/bin/env python3
"""Writes tests/parity/golden/explain: what PyTorch makes of Grad-CAM, occlusion and integrated gradients on the
article's network at 99x67x3 with the weights of golden_formula.py. Needs numpy and torch.

    python3 tools/make_explain_goldens.py

Expected values are computed in float64; the same in float32 says how far PyTorch itself is from them.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from golden_formula import parameter, images

WIDTH, HEIGHT, DEPTH, CLASSES = 99, 67, 3, 7
TARGET, PATCH, STRIDE, STEPS = 2, 16, 9, 8
# Images for which float32 and float64 put every unit on the same side of its kink, all the way.
SERIES = 0
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/parity/golden/explain"


class Same(torch.nn.Conv2d):
    """TensorFlow's "same": the odd pixel of padding goes to the bottom and to the right."""

    def forward(self, x):
        pads = []
        for size in (x.shape[3], x.shape[2]):
            k, s = self.kernel_size[0], self.stride[0]
            total = max((-(-size // s) - 1) * s + k - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


def network():
    """Modules by the names of our layers, in order; in inference mode there is no dropout."""
    layers, channels = {}, DEPTH
    for i, (filters, kernel, stride) in enumerate([(96, 11, 4), (256, 5, 1), (384, 3, 1), (384, 3, 1), (256, 3, 1)], 1):
        layers[f"conv{i}"] = Same(channels, filters, kernel, stride)
        layers[f"relu{i}"] = torch.nn.ReLU()
        layers[f"bn{i}"] = torch.nn.BatchNorm2d(filters, eps=1e-3)
        if i in (1, 2, 5):
            layers[f"pool{i}"] = torch.nn.MaxPool2d(3, 2)
        channels = filters
    layers["flatten"] = torch.nn.Flatten()
    probe = torch.zeros(1, DEPTH, HEIGHT, WIDTH)
    with torch.no_grad():
        for layer in layers.values():
            probe = layer.eval()(probe)
    units = probe.shape[1]
    for i in (6, 7):
        layers[f"fc{i}"] = torch.nn.Linear(units, 4096)
        layers[f"relu{i}"] = torch.nn.ReLU()
        layers[f"bn{i}"] = torch.nn.BatchNorm1d(4096, eps=1e-3)
        units = 4096
    layers["fc8"] = torch.nn.Linear(units, CLASSES)
    for name, layer in layers.items():
        state = {key: torch.tensor(parameter(f"{name}.{key}", tuple(value.shape)))
                 for key, value in layer.state_dict().items() if key != "num_batches_tracked"}
        layer.load_state_dict(state, strict=False)
        layer.eval()
    return layers


def run(layers, x, watched=None):
    """Logits, and the output of the layer `watched` (which then keeps its gradient)."""
    seen = None
    for name, layer in layers.items():
        x = layer(x)
        if name == watched:
            seen = x
            seen.retain_grad()
    return x, seen


def grad_cam(layers, x, layer):
    logits, activation = run(layers, x.clone().requires_grad_(), layer)
    logits[0, TARGET].backward()
    weights = activation.grad.mean(dim=(2, 3), keepdim=True)
    return torch.relu((weights * activation).sum(1))[0].detach()


def integrated(layers, x):
    total = torch.zeros_like(x)
    for step in range(STEPS):
        at = ((step + 0.5) / STEPS * x).requires_grad_()
        run(layers, at)[0][0, TARGET].backward()
        total += at.grad
    return (total / STEPS * x).sum(1)[0]


def starts(side):
    return sorted(set(range(0, side - PATCH, STRIDE)) | {side - PATCH})


@torch.no_grad()
def occlusion(layers, x):
    whole = torch.softmax(run(layers, x)[0], 1)[0, TARGET]
    lost, covered = torch.zeros(HEIGHT, WIDTH, dtype=x.dtype), torch.zeros(HEIGHT, WIDTH, dtype=x.dtype)
    for top in starts(HEIGHT):
        for left in starts(WIDTH):
            y = x.clone()
            y[:, :, top:top + PATCH, left:left + PATCH] = 0
            box = np.s_[top:top + PATCH, left:left + PATCH]
            lost[box] += whole - torch.softmax(run(layers, y)[0], 1)[0, TARGET]
            covered[box] += 1
    return lost / covered


def maps(dtype):
    layers = {name: layer.to(dtype) for name, layer in network().items()}
    x = torch.tensor(images(SERIES, 0, (1, DEPTH, HEIGHT, WIDTH))).to(dtype)
    with torch.no_grad():
        print(dtype, "logits", run(layers, x)[0][0].numpy())
    result = {f"gradcam_{layer}": grad_cam(layers, x, layer) for layer in ("conv5", "relu5", "pool2", "conv1")}
    return result | {"integrated": integrated(layers, x), "occlusion": occlusion(layers, x)}


GOLDEN.mkdir(parents=True, exist_ok=True)
single, errors = maps(torch.float32), {}
for name, value in maps(torch.float64).items():
    np.save(GOLDEN / f"{name}.npy", value.numpy().astype(np.float32))
    errors[name] = float(f"{((single[name] - value).abs().max() / value.abs().max()).item():.3g}")
(GOLDEN / "float32_errors.json").write_text(json.dumps(errors) + "\n")
print("torch", torch.__version__, "float32 errors", errors)
