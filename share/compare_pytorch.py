"""Outputs of the layers of torchvision's AlexNet, for 'alexnet import' to compare with: compare_pytorch.py WEIGHTS INPUT.npy FOLDER

INPUT is float32 [n, 3, 224, 224]. FOLDER/layers.json lists modules; the output of number i is written to FOLDER/i.npy. Prints the
version of PyTorch. Weights are read without running what they name.
"""
import json
import pathlib
import struct
import sys

import numpy
import torch
from torch import nn


def network(classes):
    """As torchvision/models/alexnet.py has it."""
    return nn.ModuleDict({
        "features": nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        "classifier": nn.Sequential(
            nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(),
            nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
            nn.Linear(4096, classes)),
    })


def safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    kinds = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(data[slice(*entry["data_offsets"])], dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if entry["dtype"] in kinds and 0 not in entry["shape"]}


def tensors(path):
    """All tensors of a file by name, those of nested dictionaries too."""
    with open(path, "rb") as file:
        if file.read(9)[8:] == b"{":
            return safetensors(path)
    try:
        root = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        try:
            root = dict(torch.jit.load(path, map_location="cpu").state_dict())
        except Exception:
            sys.exit("PyTorch reads this file only by running what it names")
    found, left = {}, [("", root)]
    while left:
        name, value = left.pop()
        if isinstance(value, torch.Tensor):
            found[name] = value
        elif isinstance(value, dict):
            left += [(f"{name}.{key}" if name else str(key), item) for key, item in value.items()]
    return found


def state_of_network(found):
    plain = {name.replace("module.", "").replace("_orig_mod.", ""): tensor for name, tensor in found.items()}
    prefix = next(name[:-len("features.0.weight")] for name in plain if name.endswith("features.0.weight"))
    return {name[len(prefix):]: tensor.float() for name, tensor in plain.items()
            if name.startswith((prefix + "features.", prefix + "classifier."))}


weights, source, folder = sys.argv[1:]
folder = pathlib.Path(folder)
state = state_of_network(tensors(pathlib.Path(weights)))
net = network(state["classifier.6.bias"].numel()).eval()
net.load_state_dict(state)
names = json.loads((folder / "layers.json").read_text())
outputs = {name: [] for name in names}
for name in names:
    net.get_submodule(name).register_forward_hook(lambda module, inputs, output, name=name: outputs[name].append(output.numpy()))
with torch.no_grad():
    for images in torch.from_numpy(numpy.load(source)).split(64):
        hidden = nn.functional.adaptive_avg_pool2d(net["features"](images), (6, 6))
        net["classifier"](torch.flatten(hidden, 1))
for number, name in enumerate(names):
    numpy.save(folder / f"{number}.npy", numpy.concatenate(outputs[name]))
print("PyTorch", torch.__version__)
