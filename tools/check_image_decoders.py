#!/usr/bin/env python3
"""Compares the program's image decoders with Pillow on some thousands of files.

    check_image_decoders.py build/release/test_image

Makes images of every format, sort of pixels, compression, orientation and place of the orientation, reads them with
Pillow and with the program, and prints the largest difference per format. ImageMagick (convert) and exiftool make more
of them where they are installed. Needs Pillow and numpy.
"""
import io
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

import make_image_goldens as make
from make_image_goldens import saved, small, small_palette, small_pil

ORIENTATIONS = range(1, 9)


def jpegs():
    notes = {"exif_le": lambda o: b"Exif\0\0" + make.exif(o, "<"), "exif_be": lambda o: b"Exif\0\0" + make.exif(o, ">", 4),
             "xmp": make.jpeg_xmp, "xmp_element": lambda o: make.jpeg_xmp(o, True)}
    for mode, progressive, quality in itertools.product(("L", "RGB", "CMYK"), (False, True), (50, 95)):
        jpeg = saved(small_pil(mode), "JPEG", quality=quality, progressive=progressive)
        for place, orientation in itertools.product(notes, ORIENTATIONS):
            yield (f"{mode}_{progressive}_{quality}_{place}_{orientation}.jpg",
                   make.with_app1(jpeg, notes[place](orientation)))
    for sampling, optimized in itertools.product(("4:4:4", "4:2:2", "4:2:0"), (False, True)):
        yield (f"sampling_{sampling.replace(':', '')}_{optimized}.jpg",
               saved(make.pil(3), "JPEG", subsampling=sampling, optimize=optimized))


def pngs():
    profile = lambda o: make.raw_profile("exif", b"Exif\0\0" + make.exif(o, ">"))
    notes = {"exif": lambda o: make.chunk(b"eXIf", make.exif(o)),
             "profile": lambda o: make.text_chunk("Raw profile type exif", profile(o)),
             "profile_packed": lambda o: make.text_chunk("Raw profile type exif", profile(o), "zTXt"),
             "app1": lambda o: make.text_chunk("Raw profile type APP1", profile(o), "zTXt")}
    for kind in ("tEXt", "zTXt", "iTXt", "iTXt_packed"):
        notes[f"xmp_{kind}"] = lambda o, kind=kind: make.text_chunk("XML:com.adobe.xmp", make.xmp(o), kind)
    for place, late, orientation in itertools.product(notes, (False, True), ORIENTATIONS):
        where = {"after" if late else "before": notes[place](orientation)}
        yield f"{place}_{late}_{orientation}.png", make.png(small(3), 8, make.RGB, **where)
    table = make.chunk(b"PLTE", np.random.default_rng(9).integers(0, 256, 768, dtype=np.uint8).tobytes())
    sorts = [(make.GRAY, 1, (1, 2, 4, 8, 16)), (make.RGB, 3, (8, 16)), (make.PALETTE, 1, (1, 2, 4, 8)),
             (make.GRAY_ALPHA, 2, (8, 16)), (make.RGBA, 4, (8, 16))]
    for color_type, channels, depths in sorts:
        for depth, interlaced in itertools.product(depths, (False, True)):
            before = table[:8 + (3 << depth)] if color_type == make.PALETTE else b""
            if before:
                before = make.chunk(b"PLTE", table[8:8 + (3 << depth)])
            yield (f"type_{color_type}_{depth}_{interlaced}.png",
                   make.png(make.scene(channels, depth=depth), depth, color_type, interlaced, before))


def webps():
    for mode, lossless, place, orientation in itertools.product(("RGB", "RGBA"), (False, True), ("exif", "xmp"),
                                                                ORIENTATIONS):
        note = make.exif(orientation) if place == "exif" else make.xmp(orientation)
        image = small_pil(mode)
        name = f"{mode}_{place}_{orientation}.webp"
        prefix = "lossless" if lossless else "lossy"
        yield f"{prefix}_{name}", saved(image, "WEBP", lossless=lossless, exact=True, **{place: note})
        if lossless:
            frames = [image.transpose(Image.Transpose.ROTATE_180)]
            yield (f"animated_{name}", saved(image, "WEBP", lossless=True, exact=True, save_all=True,
                                             append_images=frames, **{place: note}))
    for left, top, mode in itertools.product((0, 2, 10), (0, 4, 8), ("RGB", "RGBA")):
        part = small_pil(mode)
        yield f"part_{mode}_{left}_{top}.webp", make.animated_webp(23, 17, (left, top, part), (0, 0, part))


def pnms():
    for top, text in itertools.product((1, 2, 9, 15, 100, 255, 256, 1000, 4095, 65535), (True, False)):
        for channels in (1, 3):
            pixels = make.scene(channels, depth=16) * (top + 1) >> 16
            kind = (2 if channels == 1 else 3) + (0 if text else 3)
            yield f"values_{kind}_{top}.pnm", make.pnm(pixels, kind, top)
    for width, kind in itertools.product(range(1, 20), (1, 4)):
        yield f"bits_{kind}_{width}.pnm", make.pnm(make.scene(1, width=width, height=7, depth=1), kind)


def bmps():
    table = np.random.default_rng(9).integers(0, 256, 1024, dtype=np.uint8).tobytes()
    for width, bits, header in itertools.product((1, 7, 8, 13, 16), (1, 4, 8), (12, 40, 64, 108, 124)):
        pixels = make.scene(1, width=width, height=5, depth=bits)
        entry = 3 if header == 12 else 4
        yield (f"palette_{bits}_{header}_{width}.bmp",
               make.bmp(width, 5, bits, make.packed_rows(pixels[::-1], bits, 4), header=header,
                        palette=table[:entry << bits]))
    for width, levels, bits in itertools.product((1, 2, 7, 13, 300), (2, 3, 16), (4, 8)):
        pixels = make.scene(1, width=width, height=9) * levels >> 8
        yield (f"runs_{bits}_{levels}_{width}.bmp",
               make.bmp(width, 9, bits, make.bmp_runs(pixels[..., 0], bits), palette=table[:64],
                        compression=3 - bits // 4))
    for width, header, down in itertools.product((1, 2, 7, 13), (12, 40, 64, 108, 124), (False, True)):
        rgb = make.scene(3, width=width, height=6)
        if header != 12 or not down:
            yield (f"rgb_{header}_{width}_{down}.bmp",
                   make.bmp(width, 6, 24, make.packed_rows(rgb[:: 1 if down else -1, :, ::-1], 8, 4), header=header,
                            top_down=down))
    masks = {(16, "555"): [(10, 5), (5, 5), (0, 5)], (16, "565"): [(11, 5), (5, 6), (0, 5)],
             (32, "bgr"): [(16, 8), (8, 8), (0, 8)], (32, "rgb"): [(0, 8), (8, 8), (16, 8), (24, 8)],
             (32, "xbgr"): [(24, 8), (16, 8), (8, 8)], (32, "bgra"): [(16, 8), (8, 8), (0, 8), (24, 8)]}
    for (bits, name), shifts in masks.items():
        for header in (40, 56, 108, 124):
            values = [((1 << size) - 1) << at for at, size in shifts]
            if header == 40:
                values = values[:3]
            else:
                values += [0] * (4 - len(values))
            packed = b"".join(value.to_bytes(4, "little") for value in values)
            yield (f"masks_{name}_{header}.bmp",
                   make.bmp(13, 9, bits, make.bmp_values(small(4), bits, shifts), header=header, compression=3,
                            masks=packed))
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        image = small_palette() if mode == "P" else make.pil(1).convert(mode) if mode == "1" else small_pil(mode)
        yield f"pillow_{mode}.bmp", saved(image, "BMP")


def gifs():
    for colours, interlaced, transparency in itertools.product((2, 3, 4, 16, 100, 256), (0, 1), (None, 0, 1)):
        image = small_palette(colours)
        options = {} if transparency is None else {"transparency": transparency}
        yield f"palette_{colours}_{interlaced}_{transparency}.gif", saved(image, "GIF", interlace=interlaced, **options)
    for width, height in itertools.product((1, 2, 9, 200), (1, 2, 3, 5, 8, 9, 33)):
        image = Image.fromarray(make.scene(1, width=width, height=height)[..., 0].astype(np.uint8))
        yield f"gray_{width}_{height}.gif", saved(image, "GIF")
    for disposal in range(4):
        frames = [small_palette(), small_palette().transpose(Image.Transpose.ROTATE_180)]
        yield (f"animated_{disposal}.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:],
                                                 disposal=disposal))


def tiffs():
    layouts = {"strips": {}, "one": {"rows_per_strip": 1000}, "tiles": {"tile": 16}}
    sorts = {"gray_1": (1, 1, 1), "gray_2": (1, 2, 1), "gray_4": (1, 4, 1), "gray_8": (1, 8, 1), "gray_16": (1, 16, 1),
             "white_1": (1, 1, 0), "white_2": (1, 2, 0), "white_4": (1, 4, 0), "white_8": (1, 8, 0),
             "rgb_8": (3, 8, 2), "rgb_16": (3, 16, 2), "cmyk_8": (4, 8, 5), "cmyk_16": (4, 16, 5)}
    for sort, layout, order, compression, planar in itertools.product(sorts, layouts, "<>", (1, 8), (False, True)):
        channels, bits, photometric = sorts[sort]
        if planar and (channels == 1 or bits == 16):
            continue
        yield (f"{sort}_{layout}_{'le' if order == '<' else 'be'}_{compression}_{planar}.tif",
               make.tiff(make.scene(channels, depth=bits), bits, photometric, order, compression, planar=planar,
                         **layouts[layout]))
    for extra, bits, photometric, channels in itertools.product((0, 1, 2), (8, 16), (1, 2), (2, 4)):
        if (photometric, channels) in ((1, 2), (2, 4)):
            yield (f"alpha_{extra}_{bits}_{channels}.tif",
                   make.tiff(make.scene(channels, depth=bits), bits, photometric, extra=extra))
    for bits, layout in itertools.product((1, 2, 4, 8), layouts):
        palette = np.random.default_rng(bits).integers(0, 65536, 3 << bits)
        yield f"palette_{bits}_{layout}.tif", make.tiff(make.scene(1, depth=bits), bits, 3, palette=palette,
                                                        **layouts[layout])
    for compression, mode in itertools.product(("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"),
                                               ("1", "L", "I;16", "RGB", "RGBA", "CMYK", "P", "LA")):
        image = small_palette() if mode == "P" else Image.fromarray(
            small(1, depth=16)[..., 0].astype(np.uint16)) if mode == "I;16" else make.pil(1).convert(
                mode) if mode == "1" else small_pil(mode)
        for predictor in (1, 2) if compression in ("tiff_lzw", "tiff_adobe_deflate") and mode != "1" else (1,):
            yield (f"pillow_{compression}_{mode.replace(';', '')}_{predictor}.tif",
                   saved(image, "TIFF", compression=compression, tiffinfo={317: predictor}))
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield f"fax_{compression}.tif", saved(make.pil(1).convert("1"), "TIFF", compression=compression)
    for mode, quality in itertools.product(("L", "RGB", "CMYK"), (50, 90)):
        yield f"lossy_{mode}_{quality}.tif", saved(small_pil(mode), "TIFF", compression="jpeg", quality=quality)
    for compression in ("raw", "tiff_lzw"):
        yield f"lossy_ycbcr_{compression}.tif", saved(small_pil("RGB").convert("YCbCr"), "TIFF", compression=compression)
    for orientation, order, big in itertools.product(ORIENTATIONS, "<>", (False, True)):
        yield (f"orientation_{orientation}_{'le' if order == '<' else 'be'}_{big}.tif",
               make.tiff(small(3), photometric=2, order=order, big=big, more=[(274, orientation)]))
    for orientation in ORIENTATIONS:
        yield f"xmp_{orientation}.tif", make.tiff(small(3), photometric=2, more=[(700, make.xmp(orientation))])


MAGICK = [
    ("png", ["PNG8:", "PNG24:", "PNG32:", "PNG48:", "PNG64:"], [[], ["-interlace", "PNG"], ["-colorspace", "gray"]]),
    ("tif", [""], [[*compress, *more] for compress in ([], *(["-compress", c] for c in (
        "None", "LZW", "Zip", "RLE", "Group4", "Fax"))) for more in (
            [], ["-depth", "16"], ["-colorspace", "gray"], ["-colorspace", "gray", "-depth", "16"], ["-type", "palette"],
            ["-type", "bilevel"], ["-define", "tiff:tile-geometry=16x16"], ["-interlace", "plane"],
            ["-colorspace", "CMYK"], ["-alpha", "set"], ["-endian", "MSB"], ["-define", "tiff:fill-order=lsb"])]),
    ("gif", [""], [[], ["-interlace", "GIF"], ["-colors", "5"], ["-colorspace", "gray"]]),
    ("bmp", ["BMP2:", "BMP3:", "BMP:"], [[], ["-colors", "5"], ["-type", "palette", "-compress", "RLE"], ["-monochrome"],
                                         ["-alpha", "set"], ["-colorspace", "gray"]]),
    ("pnm", ["PPM:", "PGM:", "PBM:"], [[], ["-depth", "16"], ["-compress", "none"]]),
]


def magick_files():
    """Made by ImageMagick, from a photo that is turned."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source.jpg"
        for orientation in (1, 6):
            source.write_bytes(saved(make.pil(3), "JPEG", quality=95, exif=b"Exif\0\0" + make.exif(orientation)))
            for ending, kinds, options in MAGICK:
                for (i, kind), (j, option) in itertools.product(enumerate(kinds), enumerate(options)):
                    to = pathlib.Path(folder) / f"magick_{orientation}_{i}_{j}.{ending}"
                    subprocess.run(["convert", source, *option, f"{kind}{to}"], check=False, stderr=subprocess.DEVNULL)
                    if to.exists():
                        yield to.name, to.read_bytes()


def exiftool_files():
    """With an orientation that exiftool wrote into XMP."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif"), ("GIF", "gif")):
            for orientation in ORIENTATIONS:
                to = pathlib.Path(folder) / f"exiftool_{orientation}.{ending}"
                to.write_bytes(saved(small_pil("L"), kind))
                subprocess.run(["exiftool", "-q", "-overwrite_original", f"-XMP-tiff:Orientation#={orientation}", to],
                               check=False)
                yield to.name, to.read_bytes()


def write_corpus(folder):
    """Returns how many files Pillow does not read."""
    makers = [make.encoded_images, jpegs, pngs, webps, pnms, bmps, gifs, tiffs]
    makers += [magick_files] if shutil.which("convert") else []
    makers += [exiftool_files] if shutil.which("exiftool") else []
    unread = []
    for maker in makers:
        for name, content in maker():
            name = f"{maker.__name__}_{name}".replace("lossy_", "") if "lossy" not in name else f"lossy_{maker.__name__}_{name}"
            try:
                if Image.open(io.BytesIO(content)).mode == "F":
                    raise ValueError("floating-point numbers")
                make.save_expected(folder, name, content)
            except (OSError, ValueError, SyntaxError) as error:
                unread.append(f"{name}: {error}")
            else:
                (folder / name).write_bytes(content)
    return unread


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        corpus, report = pathlib.Path(folder) / "corpus", pathlib.Path(folder) / "report.json"
        corpus.mkdir()
        unread = write_corpus(corpus)
        subprocess.run([program, "--gtest_filter=Decode/GoldenImage.*", f"--gtest_output=json:{report}", "--gtest_brief=1"],
                       env=os.environ | {"ALEXNET_IMAGE_CORPUS": str(corpus)}, check=False)
        tests = json.loads(report.read_text())["testsuites"][0]["testsuite"]
    rows = {}
    for test in tests:
        row = rows.setdefault(test["name"].rsplit("_", 1)[1], {"tests": 0, "worst": 0, "failed": 0})
        row["tests"] += 1
        row["worst"] = max(row["worst"], int(test.get("worst_difference", 0)))
        row["failed"] += "failures" in test
    print(f"{'format':8}{'files':>8}{'largest difference':>20}{'failed':>8}")
    for name, row in sorted(rows.items()):
        print(f"{name:8}{row['tests'] // 2:8}{row['worst']:20}{row['failed']:8}")
    print(f"{len(unread)} files that Pillow does not read were left out")
    for line in unread:
        print("  " + line)
    return any(row["failed"] for row in rows.values())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
