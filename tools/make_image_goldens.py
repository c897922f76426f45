#!/usr/bin/env python3
"""Makes tests/image/golden: small pictures of every kind, and what Pillow makes of them.

    make_image_goldens.py tests/image/golden

decode/NAME.EXT  a picture; NAME.ppm and NAME.pgm are Pillow's exif_transpose() and convert("RGB") / ("L") of it
resample/cases   a line per case: name, source width, height, channels, scaled width, height, crop left, top,
                 width, height; NAME.ppm or NAME.pgm is the crop of Pillow's resize(..., BILINEAR), across, then down

Needs Pillow and numpy.
"""
import io
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 37, 22
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6  # PNG colour types


def scene(channels, width=WIDTH, height=HEIGHT, depth=8):
    """A picture with slopes, an edge and a little noise; no two corners alike."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(7).integers(0, 24, (height, width, channels))
    planes = [x * 220 // width, y * 220 // height, (x + y) * 220 // (width + height),
              255 - x * 255 // width]
    value = np.stack(planes[:channels], -1) + noise
    value[height // 3:height // 2, : width // 2] = 255 - value[height // 3:height // 2, : width // 2]
    value = np.clip(value, 0, 255)
    if depth == 16:
        return (value * 257 + np.random.default_rng(8).integers(-90, 90, value.shape)).clip(0, 65535)
    return value >> (8 - depth)


def pil(channels, **size):
    array = scene(channels, **size).astype(np.uint8)
    return Image.fromarray(array[..., 0] if channels == 1 else array, {1: "L", 3: "RGB", 4: "RGBA"}[channels])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, depth, color_type, interlaced=False, before=b"", after=b""):
    """PNG of any bit depth, which Pillow reads but does not write."""
    def rows(part):
        raw = b""
        for row in part.reshape(part.shape[0], -1):
            if depth == 16:
                raw += b"\0" + row.astype(">u2").tobytes()
            else:
                bits = (row[:, None] >> np.arange(depth)[::-1]) & 1
                raw += b"\0" + np.packbits(bits.astype(np.uint8).ravel()).tobytes()
        return raw

    height, width = pixels.shape[:2]
    adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    passes = [pixels[y::dy, x::dx] for x, y, dx, dy in adam7] if interlaced else [pixels]
    raw = b"".join(rows(part) for part in passes if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(raw, 9)) +
            after + chunk(b"IEND", b""))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation, order="<", kind=3):
    """The smallest EXIF there is: one directory of one entry."""
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *((orientation, 0) if kind == 3 else (orientation,)))
    return ((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8) +
            struct.pack(order + "HHHI", 1, 0x0112, kind, 1) + value + struct.pack(order + "I", 0))


def pictures():
    colour, gray, alpha = pil(3), pil(1), pil(4)
    yield "gray.jpg", saved(gray, "JPEG", quality=85)
    for name, sampling in (("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0")):
        yield f"colour_{name}.jpg", saved(colour, "JPEG", quality=85, subsampling=sampling)
    yield "rgb.jpg", saved(colour, "JPEG", quality=85, keep_rgb=True)
    yield "progressive.jpg", saved(colour, "JPEG", quality=70, progressive=True)
    yield "progressive_gray.jpg", saved(gray, "JPEG", quality=70, progressive=True)
    yield "restarts.jpg", saved(colour, "JPEG", quality=70, restart_marker_blocks=2)
    yield "one_pixel.jpg", saved(pil(3, width=1, height=1), "JPEG")
    cmyk = Image.fromarray(scene(4).astype(np.uint8), "CMYK")
    yield "cmyk.jpg", saved(cmyk, "JPEG", quality=85)
    # The same with the Adobe marker saying that the first three are Y, Cb, Cr of the inks.
    adobe = saved(cmyk, "JPEG", quality=85, progressive=True)
    at = adobe.index(b"Adobe") + 11
    yield "ycck.jpg", adobe[:at] + b"\x02" + adobe[at + 1:]
    for orientation in range(1, 9):
        yield f"exif_{orientation}.jpg", saved(pil(3, width=19, height=11), "JPEG", quality=80,
                                               exif=b"Exif\0\0" + exif(orientation, "<>"[orientation % 2]))
    yield "exif_long.jpg", saved(gray, "JPEG", exif=b"Exif\0\0" + exif(6, ">", 4))
    yield "exif_9.jpg", saved(gray, "JPEG", exif=b"Exif\0\0" + exif(9))

    for depth in (1, 2, 4, 8, 16):
        yield f"gray_{depth}.png", png(scene(1, depth=depth), depth, GRAY)
    yield "gray_transparent.png", png(scene(1), 8, GRAY, before=chunk(b"tRNS", b"\0\x40"))
    yield "gray_alpha.png", png(scene(2), 8, GRAY_ALPHA)
    yield "gray_alpha_16.png", png(scene(2, depth=16), 16, GRAY_ALPHA)
    yield "rgb.png", saved(colour, "PNG")
    yield "rgb_16.png", png(scene(3, depth=16), 16, RGB)
    yield "rgba.png", saved(alpha, "PNG")
    yield "rgba_16.png", png(scene(4, depth=16), 16, RGBA)
    yield "rgb_gamma.png", png(scene(3), 8, RGB, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    table = np.random.default_rng(9).integers(0, 256, 16 * 3, dtype=np.uint8).tobytes()
    for depth in (1, 2, 4, 8):
        indices = scene(1, depth=depth) & 15
        yield f"palette_{depth}.png", png(indices, depth, PALETTE, before=chunk(b"PLTE", table[:3 << min(depth, 4)]))
    yield "palette_transparent.png", png(scene(1, depth=4), 4, PALETTE, before=chunk(b"PLTE", table) +
                                         chunk(b"tRNS", bytes(range(0, 256, 16))))
    yield "interlaced.png", png(scene(3), 8, RGB, interlaced=True)
    yield "interlaced_gray_2.png", png(scene(1, width=5, height=3, depth=2), 2, GRAY, interlaced=True)
    yield "interlaced_rgba_16.png", png(scene(4, depth=16), 16, RGBA, interlaced=True)
    yield "exif.png", png(scene(3), 8, RGB, before=chunk(b"eXIf", exif(6)))
    yield "exif_late.png", png(scene(3), 8, RGB, after=chunk(b"eXIf", exif(3, ">")))

    yield "lossy.webp", saved(colour, "WEBP", quality=80)
    yield "lossless.webp", saved(colour, "WEBP", lossless=True)
    yield "lossy_alpha.webp", saved(alpha, "WEBP", quality=80)
    yield "lossless_alpha.webp", saved(alpha, "WEBP", lossless=True, exact=True)
    yield "exif.webp", saved(colour, "WEBP", lossless=True, exif=exif(8))
    yield "exif_prefix.webp", saved(colour, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(5))


def refused():
    """Files that are no pictures to us; nothing is expected of them."""
    frames = [pil(3), pil(3).transpose(Image.Transpose.ROTATE_180)]
    yield "animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)
    small = saved(pil(3, width=8, height=8), "JPEG")
    at = small.index(b"\xff\xc0") + 5
    yield "huge.jpg", small[:at] + struct.pack(">HH", 65500, 65500) + small[at + 4:]
    yield "untrue.jpg", small[:at] + struct.pack(">HH", 9000, 9000) + small[at + 4:]
    header = struct.pack(">IIBBBBB", 20000, 20000, 8, RGB, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n"
    data = chunk(b"IDAT", zlib.compress(bytes(60001), 9)) + chunk(b"IEND", b"")
    yield "huge.png", begin + chunk(b"IHDR", header) + data
    yield "untrue.png", begin + chunk(b"IHDR", struct.pack(">II", 9000, 9000) + header[8:]) + data


# name, source width, height, channels, scaled width, height, left, top, crop width, height
RESAMPLE_CASES = [
    ("same", 20, 12, 3, 20, 12, 3, 2, 11, 7),
    ("across_only", 31, 9, 3, 12, 9, 1, 0, 9, 9),
    ("down_only", 9, 31, 1, 9, 12, 0, 1, 9, 9),
    ("digit_up", 28, 28, 1, 64, 64, 0, 0, 64, 64),
    ("photo", 125, 93, 3, 86, 64, 13, 3, 57, 57),
    ("corner", 125, 93, 3, 86, 64, 29, 7, 57, 57),
    ("whole", 53, 47, 3, 29, 31, 0, 0, 29, 31),
    ("up_odd", 7, 5, 3, 37, 23, 5, 4, 30, 19),
    ("one_pixel", 1, 1, 3, 16, 16, 2, 3, 9, 9),
    ("strip", 1, 1000, 3, 24, 24000, 0, 11988, 24, 24),
    ("strip_gray", 1000, 1, 1, 24000, 24, 23976, 0, 24, 24),
    ("flat", 1000, 2, 3, 32, 32, 0, 0, 32, 32),
    ("to_one", 61, 43, 3, 1, 1, 0, 0, 1, 1),
    ("tall", 60, 150, 3, 32, 80, 0, 24, 32, 32),
    ("two_wide", 2, 300, 3, 3, 40, 0, 0, 3, 40),
    ("far_down", 900, 700, 1, 13, 11, 1, 1, 11, 9),
]


def pattern(width, height, channels):
    """Known to the test too: noise from a multiplicative hash."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels].astype(np.uint64)
    mixed = ((x * 7919 + y * 104729 + c * 1299709 + 12345) * 2654435761) % 2**32
    return (mixed >> 24).astype(np.uint8)


def main(folder):
    decode, resample = folder / "decode", folder / "resample"
    decode.mkdir(parents=True, exist_ok=True)
    resample.mkdir(exist_ok=True)
    for name, content in pictures():
        (decode / name).write_bytes(content)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        gray = upright.convert("L")
        if upright.mode.startswith("I"):  # Pillow's conversion clips at 255; the upper byte is meant
            gray = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
            upright = gray
        stem = name.replace(".", "_")
        upright.convert("RGB").save(decode / (stem + ".ppm"))
        gray.save(decode / (stem + ".pgm"))
    for name, content in refused():
        (folder / "refused").mkdir(exist_ok=True)
        (folder / "refused" / name).write_bytes(content)
    for name, width, height, channels, wide, high, left, top, box_width, box_height in RESAMPLE_CASES:
        source = pattern(width, height, channels)
        image = Image.fromarray(source[..., 0] if channels == 1 else source)
        # One axis at a time: Pillow 13 goes down first in some tall pictures, older ones always across.
        across = image.resize((wide, height), Image.Resampling.BILINEAR)
        result = across.resize((wide, high), Image.Resampling.BILINEAR)
        result = result.crop((left, top, left + box_width, top + box_height))
        result.save(resample / (name + (".pgm" if channels == 1 else ".ppm")))
    (resample / "cases").write_text("".join(" ".join(map(str, case)) + "\n" for case in RESAMPLE_CASES))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
