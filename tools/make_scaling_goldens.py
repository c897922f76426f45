"""Makes the images of tests/image/golden/resample that other programs than Pillow scale, or with other filters, and their list, "filters".

  python make_scaling_goldens.py ../tests/image/golden/resample

Needs numpy, Pillow and opencv-python-headless. A line per case: name, source width, height, channels, scaled width,
height, interpolation, 1 if antialiased, and by how many levels a pixel may differ: OpenCV keeps more than 8 bits in between.
"""
import pathlib
import sys

import cv2
import numpy as np
from PIL import Image

from make_image_goldens import pattern

SMALLER, LARGER, MIXED = (17, 12), (53, 61), (24, 40)  # of 37 x 29
SOURCE = (37, 29)
PILLOW = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
OPENCV = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}


def by_pillow(pixels, size, interpolation):
    return np.asarray(Image.fromarray(pixels.squeeze()).resize(size, PILLOW[interpolation]))


def by_opencv(pixels, size, interpolation):
    return cv2.resize(pixels, size, interpolation=OPENCV[interpolation])


CASES = [
    ("pillow", by_pillow, "nearest", 1, 0), ("pillow", by_pillow, "bilinear", 1, 0), ("pillow", by_pillow, "bicubic", 1, 0),
    ("opencv", by_opencv, "bilinear", 0, 1), ("opencv", by_opencv, "bicubic", 0, 1),
]


def main(folder):
    lines = []
    for program, scale, interpolation, antialias, tolerance in CASES:
        for place, size in (("smaller", SMALLER), ("larger", LARGER), ("mixed", MIXED)):
            channels = 1 if place == "mixed" else 3
            name = f"{program}_{interpolation}_{place}"
            result = scale(pattern(*SOURCE, channels), size, interpolation).squeeze()
            Image.fromarray(result).save(folder / (name + (".pgm" if channels == 1 else ".ppm")))
            lines.append(f"{name} {SOURCE[0]} {SOURCE[1]} {channels} {size[0]} {size[1]} {interpolation} {antialias} {tolerance}\n")
    (folder / "filters").write_text("".join(lines))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
