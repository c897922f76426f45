"""PyTorch on the article's network: images per second, and the time from process start to a first answer.

  torch_peer.py train|infer [--batch N] [--dtype f32|bf16] [--size N] [--channels N] [--classes N] [--seconds X]
  torch_peer.py first MODEL.safetensors IMAGE.jpg     classifies one image, prints the class's index and its probability

Weights and activations lie channels last, PyTorch's fastest layout for this network on processors.
"""
import argparse, json
import torch, torch.nn as nn, torch.nn.functional as F
from timing import median_seconds


class SamePadding(nn.Module):
    """TensorFlow's "same" padding for kernel 11, stride 4."""

    def forward(self, x):
        pad = []
        for n in (x.shape[3], x.shape[2]):
            total = max((-(-n // 4) - 1) * 4 + 11 - n, 0)
            pad += [total // 2, total - total // 2]
        return F.pad(x, pad)


def network(size, channels, classes):
    def block(n, i, o, k, pool, **kw):
        layers = [(f"conv{n}", nn.Conv2d(i, o, k, **kw)), (f"relu{n}", nn.ReLU()), (f"bn{n}", nn.BatchNorm2d(o, 1e-3, .01))]
        return layers + ([(f"pool{n}", nn.MaxPool2d(3, 2)), (f"drop{n}", nn.Dropout(.25))] if pool else [])

    def dense(n, i, o):
        return [(f"fc{n}", nn.Linear(i, o)), (f"relu{n}", nn.ReLU()), (f"bn{n}", nn.BatchNorm1d(o, 1e-3, .01)), (f"drop{n}", nn.Dropout(.5))]

    trunk = [("pad", SamePadding())] + block(1, channels, 96, 11, True, stride=4) + block(2, 96, 256, 5, True, padding=2) \
        + block(3, 256, 384, 3, False, padding=1) + block(4, 384, 384, 3, False, padding=1) + block(5, 384, 256, 3, True, padding=1)
    from collections import OrderedDict
    features = nn.Sequential(OrderedDict(trunk)).eval()
    with torch.no_grad():
        flat = features(torch.zeros(1, channels, size, size)).numel()
    head = [("flatten", nn.Flatten())] + dense(6, flat, 4096) + dense(7, 4096, 4096) + [("fc8", nn.Linear(4096, classes))]
    return nn.Sequential(OrderedDict(trunk + head)).to(memory_format=torch.channels_last)


def speed(o):
    torch.manual_seed(0)
    net = network(o.size, o.channels, o.classes).train(o.work == "train")
    x = torch.randn(o.batch, o.channels, o.size, o.size).to(memory_format=torch.channels_last)
    y = torch.randint(0, o.classes, (o.batch,))
    optimizer = torch.optim.SGD(net.parameters(), lr=.001, momentum=.9, weight_decay=4e-4, foreach=True)

    def train():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=o.dtype == "bf16"):
            loss = F.cross_entropy(net(x).float(), y)
        loss.backward(); optimizer.step()

    def infer():
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=o.dtype == "bf16"):
            net(x)

    median = median_seconds(train if o.work == "train" else infer, o.seconds, 2)
    print(json.dumps({"peer": "PyTorch " + torch.__version__.split("+")[0], "images_per_s": o.batch / median}))


def first(o):
    import torchvision.transforms.v2 as T
    from PIL import Image
    from safetensors import safe_open
    with safe_open(o.files[0], "pt") as file:
        meta, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
    how = json.loads(meta["preprocessing"])
    classes = weights["fc8.weight"].shape[0]
    net = network(how["crop_width"], weights["conv1.weight"].shape[1], classes).eval()
    net.load_state_dict(weights, strict=False)
    prepare = T.Compose([T.Resize(how["resize"]), T.CenterCrop(how["crop_width"]), T.ToImage(), T.ToDtype(torch.float32, True), T.Normalize(how["mean"], how["stddev"])])
    with torch.inference_mode():
        p = F.softmax(net(prepare(Image.open(o.files[1]).convert("RGB"))[None]), 1)[0]
    print(int(p.argmax()), float(p.max()))


parser = argparse.ArgumentParser()
parser.add_argument("work", choices=["train", "infer", "first"]); parser.add_argument("files", nargs="*")
parser.add_argument("--batch", type=int, default=128); parser.add_argument("--dtype", default="f32")
parser.add_argument("--size", type=int, default=227); parser.add_argument("--channels", type=int, default=3)
parser.add_argument("--classes", type=int, default=1000); parser.add_argument("--seconds", type=float, default=10)
options = parser.parse_args()
first(options) if options.work == "first" else speed(options)
