"""Writes tests/inference/golden: a small model with random weights, images, and what PyTorch, torchvision and
Pillow make of them. The model file is written by the safetensors package, not by this program."""
import json
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision import transforms

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/inference/golden"
HEIGHT, WIDTH, CLASSES, RESIZE = 12, 15, 6, 16
MEAN, STDDEV = [0.45, 0.5, 0.4], [0.25, 0.2, 0.3]
LAYERS = ["conv", "relu", "bn", "pool", "flat", "fc", "prob"]


def network():
    torch.manual_seed(5)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 5, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.BatchNorm2d(5, eps=1e-3),
        torch.nn.MaxPool2d(3, 2),
        torch.nn.Flatten(),
        torch.nn.Linear(5 * 5 * 7, CLASSES),
        torch.nn.Softmax(1),
    ).eval()
    bn = net[2]
    for tensor, low, high in [(bn.weight, 0.5, 1.5), (bn.bias, -1, 1), (bn.running_mean, -0.5, 1), (bn.running_var, 0.3, 2)]:
        torch.nn.init.uniform_(tensor, low, high)
    torch.nn.init.normal_(net[5].weight, std=0.2)
    return net


def write_model(net):
    tensors = {}
    for layer, module in zip(LAYERS, net):
        for name, tensor in module.state_dict().items():
            if name != "num_batches_tracked":
                tensors[f"{layer}.{name}"] = tensor.contiguous()
    spec = {
        "name": "small",
        "input": {"channels": 3, "height": HEIGHT, "width": WIDTH},
        "layers": [
            {"name": "conv", "kind": "conv", "filters": 5, "kernel": 3, "stride": 1, "padding": 1},
            {"name": "relu", "kind": "activation", "function": "relu"},
            {"name": "bn", "kind": "batch_norm", "epsilon": 0.001},
            {"name": "pool", "kind": "pool", "function": "max", "kernel": 3, "stride": 2},
            {"name": "flat", "kind": "flatten"},
            {"name": "fc", "kind": "dense", "units": CLASSES},
            {"name": "prob", "kind": "softmax"},
        ],
    }
    preprocessing = {"resize": RESIZE, "crop_width": WIDTH, "crop_height": HEIGHT, "mean": MEAN, "stddev": STDDEV,
                     "channel_order": "rgb"}
    metadata = {"format": "alexnet.model", "version": "1", "spec": json.dumps(spec), "preprocessing": json.dumps(preprocessing),
                "classes": json.dumps([f"class {i}" for i in range(CLASSES)]), "provenance.data": "random"}
    save_file(tensors, GOLDEN / "small.safetensors", metadata)


def nhwc(x):
    return numpy.ascontiguousarray(x.permute(0, 2, 3, 1).numpy() if x.dim() == 4 else x.numpy())


def write_layers(net):
    x = torch.randn(3, 3, HEIGHT, WIDTH)
    numpy.save(GOLDEN / "input.npy", nhwc(x))
    for layer, module in zip(LAYERS, net):
        x = module(x)
        numpy.save(GOLDEN / f"output.{layer}.npy", nhwc(x))


def write_images(net):
    prepare = transforms.Compose([transforms.Resize(RESIZE), transforms.CenterCrop((HEIGHT, WIDTH)), transforms.ToTensor(),
                                  transforms.Normalize(MEAN, STDDEV)])
    crops = transforms.Compose([transforms.Resize(RESIZE), transforms.CenterCrop(RESIZE), transforms.ToTensor(),
                                transforms.Normalize(MEAN, STDDEV), transforms.TenCrop((HEIGHT, WIDTH))])
    rows, means = [], []
    random = numpy.random.default_rng(2)
    for i, size in enumerate([(40, 31), (50, 23), (17, 16), (64, 64), (20, 19)]):
        noise = Image.fromarray(random.integers(0, 256, (5, 4, 3), dtype=numpy.uint8))
        image = noise.resize(size, Image.Resampling.BICUBIC)
        image.save(GOLDEN / f"image{i}.png", optimize=True)
        rows.append(net(prepare(image)[None])[0])
        means.append(net(torch.stack(crops(image))).mean(0))
    numpy.save(GOLDEN / "probabilities.npy", torch.stack(rows).numpy())
    numpy.save(GOLDEN / "ten_crop.npy", torch.stack(means).numpy())


GOLDEN.mkdir(parents=True, exist_ok=True)
with torch.no_grad():
    net = network()
    write_model(net)
    write_layers(net)
    write_images(net)
