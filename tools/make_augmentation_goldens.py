#!/usr/bin/env python3
"""Makes tests/data/golden/augmentation.txt: what torchvision and Pillow make of images in training.

    python tools/make_augmentation_goldens.py > tests/data/golden/augmentation.txt

A line each, words apart by spaces:
  box SEED EPOCH POSITION WIDTH HEIGHT MIN_AREA LEFT TOP WIDTH HEIGHT
      RandomResizedCrop.get_params() with our draws in the place of torch's
  resized CHANNELS LEFT TOP WIDTH HEIGHT VALUE...
      resized_crop() of the formula's image to 13 wide, 10 high
  brightness|contrast|saturation CHANNELS FACTOR VALUE...
      ImageEnhance of the formula's image
  jitter CHANNELS FIRST SECOND THIRD BRIGHTNESS CONTRAST SATURATION VALUE...
      ColorJitter's functions one after the other, 0 brightness, 1 contrast, 2 saturation

Pixel (x, y, c) of the formula's image is (17 + 5x + 3y + 50c) % 251, 19 x 13 pixels. Needs torch, torchvision, Pillow.
"""
import numpy as np
import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image

MASK = 0xFFFFFFFF
PURPOSE_CROP = 3


class Stream:
    """RandomStream of src/base/random.h: Philox4x32-10."""

    def __init__(self, seed, purpose, step, index):
        self.key = [seed & MASK, seed >> 32]
        self.counter = [0, index & MASK, (index >> 32) & 0xFFFFFF | purpose << 24, step]
        self.bits = []

    def next(self):
        if not self.bits:
            c, k = list(self.counter), list(self.key)
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [b >> 32 ^ c[1] ^ k[0], b & MASK, a >> 32 ^ c[3] ^ k[1], a & MASK]
                k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
            self.bits = c
            self.counter[0] += 1
        return self.bits.pop(0)

    def uniform(self):
        return (self.next() >> 8) * 2.0**-24

    def below(self, n):
        while True:
            product = self.next() * n
            if product & MASK >= (2**32 - n) % n:
                return product >> 32


class Torch:
    """torch for torchvision's transforms, with draws from a Stream."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(torch, name)

    def empty(self, _):
        return self

    def uniform_(self, low, high):
        low, high = float(low), float(high)
        return torch.tensor(low + (high - low) * self.stream.uniform(), dtype=torch.float64)

    def randint(self, low, high, size):
        return torch.tensor([low + self.stream.below(high - low)])

    def log(self, x):
        return torch.log(x.double())


def box(seed, epoch, position, width, height, min_area):
    T.transforms.torch = Torch(Stream(seed, PURPOSE_CROP, epoch, position))
    image = Image.new("L", (width, height))
    top, left, h, w = T.RandomResizedCrop.get_params(image, (min_area, 1.0), (3.0 / 4.0, 4.0 / 3.0))
    T.transforms.torch = torch
    print("box", seed, epoch, position, width, height, min_area, left, top, w, h)


def formula_image(channels):
    y, x, c = np.meshgrid(np.arange(13), np.arange(19), np.arange(channels), indexing="ij")
    array = ((17 + 5 * x + 3 * y + 50 * c) % 251).astype(np.uint8)
    return Image.fromarray(array[..., 0] if channels == 1 else array)


def values(image):
    return " ".join(map(str, np.asarray(image).ravel()))


for width, height in (256, 256), (37, 23), (100, 30), (20, 300), (7, 5), (1, 1), (500, 60):
    for min_area in 0.08, 0.5, 1.0:
        for position in range(8):
            box(2**40 + 11, 3 + position % 2, position * 2**20 + position, width, height, min_area)
ENHANCE = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation]
for channels in 1, 3:
    for left, top, w, h in (0, 0, 19, 13), (3, 2, 15, 10), (10, 5, 6, 7), (18, 12, 1, 1), (0, 4, 19, 6):
        crop = F.resized_crop(formula_image(channels), top, left, h, w, [10, 13], T.InterpolationMode.BILINEAR)
        print("resized", channels, left, top, w, h, values(crop))
    for name, enhance in zip(("brightness", "contrast", "saturation"), ENHANCE):
        for factor in 0.0, 0.37, 1.0, 1.63, 2.0:
            print(name, channels, factor, values(enhance(formula_image(channels), factor)))
    for order in (0, 1, 2), (2, 1, 0), (1, 0, 2):
        factors, image = (0.7, 1.4, 0.55), formula_image(channels)
        for step in order:
            image = ENHANCE[step](image, factors[step])
        print("jitter", channels, *order, *factors, values(image))
