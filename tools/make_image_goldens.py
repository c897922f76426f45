#!/usr/bin/env python3
"""Makes tests/image/golden: small images of every kind, and what Pillow makes of them.

    make_image_goldens.py tests/image/golden

decode/NAME.EXT  an image; NAME_EXT.ppm and .pgm are Pillow's exif_transpose() and convert("RGB") / ("L") of it
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
    """An image with gradients, an edge and a little noise; no two corners alike."""
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


def exif_without_orientation():
    """One entry: the resolution's unit."""
    return b"II" + struct.pack("<HIHHHIHHI", 42, 8, 1, 0x0128, 3, 1, 2, 0, 0)


def xmp(orientation, element=False):
    value = (f"><tiff:Orientation>{orientation}</tiff:Orientation></rdf:Description>" if element else
             f' tiff:Orientation="{orientation}"/>')
    return (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"' + value.encode() + b"</rdf:RDF></x:xmpmeta>")


def with_app1(jpeg, *contents):
    """A JPEG file with markers APP1 behind its first one."""
    at = 4 + int.from_bytes(jpeg[4:6], "big")
    return jpeg[:at] + b"".join(b"\xff\xe1" + struct.pack(">H", len(one) + 2) + one for one in contents) + jpeg[at:]


def jpeg_xmp(*arguments):
    return b"http://ns.adobe.com/xap/1.0/\0" + xmp(*arguments)


def text_chunk(keyword, text, kind="tEXt"):
    head = keyword.encode() + b"\0"
    if kind == "tEXt":
        return chunk(b"tEXt", head + text)
    if kind == "zTXt":
        return chunk(b"zTXt", head + b"\0" + zlib.compress(text))
    return chunk(b"iTXt", head + b"\0\0\0\0" + text) if kind == "iTXt" else chunk(
        b"iTXt", head + b"\1\0\0\0" + zlib.compress(text))


def raw_profile(name, data):
    """As ImageMagick writes it."""
    digits = data.hex()
    lines = "\n".join(digits[at:at + 72] for at in range(0, len(digits), 72))
    return f"\n{name}\n{len(data):8}\n{lines}\n".encode()


def webp_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def animated_webp(width, height, *frames):
    """Of frames (left, top, image), without losses."""
    def u24(value):
        return struct.pack("<I", value)[:3]

    body = b"WEBP" + webp_chunk(b"VP8X", b"\x12\0\0\0" + u24(width - 1) + u24(height - 1))
    body += webp_chunk(b"ANIM", bytes(6))
    for left, top, image in frames:
        place = b"".join(map(u24, (left // 2, top // 2, image.width - 1, image.height - 1, 100))) + b"\0"
        body += webp_chunk(b"ANMF", place + saved(image, "WEBP", lossless=True, exact=True)[12:])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pnm(pixels, kind, top=255):
    """`kind`: the digit of its name. Plain kinds have comments."""
    height, width = pixels.shape[:2]
    head = f"P{kind} # made by hand\n{width}\n# a size\n{height}" + ("" if kind in (1, 4) else f" {top}") + "\n"
    if kind == 1:
        rows = "\n".join("".join(map(str, row)) for row in pixels.reshape(height, -1))
    elif kind <= 3:
        rows = "# the pixels\n" + "\n".join(" ".join(map(str, row)) for row in pixels.reshape(height, -1)) + "\n"
    elif kind == 4:
        return head.encode() + np.packbits(pixels.reshape(height, -1).astype(np.uint8), axis=1).tobytes()
    else:
        return head.encode() + pixels.astype(">u2" if top > 255 else np.uint8).tobytes()
    return (head + rows).encode()


def packed_rows(pixels, bits, align=1):
    """Rows of numbers of `bits` bits, the first in the upper bits, padded to `align` bytes."""
    out = b""
    for row in pixels.reshape(pixels.shape[0], -1):
        ones = ((row[:, None].astype(np.int64) >> np.arange(bits)[::-1]) & 1).astype(np.uint8)
        packed = np.packbits(ones.ravel()).tobytes()
        out += packed + bytes(-len(packed) % align)
    return out


def bmp(width, height, bits, data, header=40, compression=0, palette=b"", masks=b"", top_down=False):
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression,
                           len(data), 0, 0, len(palette) // 4, 0)
        info = (info + masks + bytes(header))[:max(header, 40 + len(masks))]
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + palette + data


def bmp_values(pixels, bits, shifts):
    """Rows of numbers of 16 or 32 bits: `shifts` has the place and the number of bits of red, green, blue."""
    values = sum((pixels[..., c].astype(np.int64) >> (8 - size)) << at for c, (at, size) in enumerate(shifts))
    rows = values[::-1].astype("<u2" if bits == 16 else "<u4")
    return b"".join(row.tobytes() + bytes(-len(row.tobytes()) % 4) for row in rows)


def bmp_runs(pixels, bits):
    """Run lengths: all sorts of codes, one after another."""
    out = b""
    for y, row in enumerate(pixels[::-1]):
        x = 0
        while x < len(row):
            count = 1
            while x + count < len(row) and row[x + count] == row[x]:
                count += 1
            literal = row[x:x + 5]
            if count == 1 and len(literal) >= 3:
                data = bytes(literal.tolist()) if bits == 8 else packed_rows(literal[None], 4)
                out += bytes([0, len(literal)]) + data + bytes(len(data) % 2)
                x += len(literal)
            else:
                out += bytes([count, row[x] if bits == 8 else row[x] * 17])
                x += count
        out += b"\0\1" if y + 1 == len(pixels) else b"\0\0"
    return out


def tiff(pixels, bits=8, photometric=1, order="<", compression=1, tile=None, planar=False, extra=None, palette=None,
         rows_per_strip=4, big=False, more=()):
    """TIFF of kinds that Pillow reads but does not write. `pixels`: height x width x samples. `more`: tags that are
    short numbers, or bytes."""
    height, width, samples = pixels.shape
    planes = [pixels[..., s:s + 1] for s in range(samples)] if planar else [pixels]
    blocks = []
    for plane in planes:
        if tile:
            padded = np.pad(plane, ((0, -height % tile), (0, -width % tile), (0, 0)), mode="edge")
            blocks += [padded[y:y + tile, x:x + tile] for y in range(0, height, tile) for x in range(0, width, tile)]
        else:
            blocks += [plane[y:y + rows_per_strip] for y in range(0, height, rows_per_strip)]
    if bits == 16:
        data = [block.astype(order + "u2").tobytes() for block in blocks]
    else:
        data = [packed_rows(block, bits) for block in blocks]
    if compression == 8:
        data = [zlib.compress(one) for one in data]
    short, long, undefined = 3, 4, 7
    tags = {256: (long, [width]), 257: (long, [height]), 258: (short, [bits] * samples), 259: (short, [compression]),
            262: (short, [photometric]), 277: (short, [samples]), 284: (short, [2 if planar else 1])}
    if tile:
        tags |= {322: (long, [tile]), 323: (long, [tile])}
    else:
        tags[278] = (long, [rows_per_strip])
    if extra is not None:
        tags[338] = (short, [extra])
    if palette is not None:
        tags[320] = (short, list(palette))
    for tag, value in more:
        tags[tag] = (undefined, value) if isinstance(value, bytes) else (short, [value])
    where, sizes = (324, 325) if tile else (273, 279)
    tags[where], tags[sizes] = (long, [0] * len(data)), (long, [len(one) for one in data])

    # The directory comes first, then values that do not fit into it, then the pixels.
    head, entry, room, number = (16, 20, 8, "Q") if big else (8, 12, 4, "I")
    begin = head + (8 if big else 2) + entry * len(tags) + room

    def content(kind, values):
        return bytes(values) if kind == undefined else struct.pack(
            order + {short: "H", long: "I"}[kind] * len(values), *values)

    at = begin + sum(len(content(*tag)) for tag in tags.values() if len(content(*tag)) > room)
    offsets = []
    for one in data:
        offsets.append(at)
        at += len(one)
    tags[where] = (long, offsets)
    entries, beyond = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        raw = content(kind, values)
        entries += struct.pack(order + "HH" + number, tag, kind, len(values))
        if len(raw) > room:
            entries += struct.pack(order + number, begin + len(beyond))
            beyond += raw
        else:
            entries += raw + bytes(room - len(raw))
    magic = b"II" if order == "<" else b"MM"
    magic += struct.pack(order + ("HHHQQ" if big else "HIH"), *((43, 8, 0, 16, len(tags)) if big else (42, 8, len(tags))))
    return magic + entries + bytes(room) + beyond + b"".join(data)


def small(channels, depth=8, levels=None):
    """A scene of 13 x 9 pixels; `levels`: of so few colours that runs are long."""
    pixels = scene(channels, width=13, height=9, depth=depth)
    return pixels if levels is None else pixels * levels >> 8


def small_pil(mode):
    pixels = small(Image.new(mode, (1, 1)).im.bands).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels, mode)


def small_palette(colours=16):
    image = Image.fromarray(small(1, levels=colours)[..., 0].astype(np.uint8), "P")
    image.putpalette(np.random.default_rng(9).integers(0, 256, colours * 3, dtype=np.uint8).tobytes())
    return image


def noted_images():
    """Orientation in other places than EXIF's usual ones."""
    jpeg, rgb = saved(small_pil("RGB"), "JPEG"), small(3)
    prefix = b"Exif\0\0"
    yield "xmp.jpg", with_app1(jpeg, jpeg_xmp(6))
    yield "xmp_element.jpg", with_app1(jpeg, jpeg_xmp(5, True))
    yield "xmp_and_exif.jpg", with_app1(jpeg, jpeg_xmp(6), prefix + exif(3))
    yield "xmp_and_other_exif.jpg", with_app1(jpeg, prefix + exif_without_orientation(), jpeg_xmp(8))
    yield "xmp_9.jpg", with_app1(jpeg, jpeg_xmp(9))
    yield "exif_in_two.jpg", with_app1(jpeg, prefix + exif(7)[:12], prefix + exif(7)[12:])
    for kind in ("tEXt", "zTXt", "iTXt", "iTXt_packed"):
        yield f"xmp_{kind}.png", png(rgb, 8, RGB, before=text_chunk("XML:com.adobe.xmp", xmp(6), kind))
    yield "xmp_late.png", png(rgb, 8, RGB, after=text_chunk("XML:com.adobe.xmp", xmp(8), "iTXt"))
    yield "xmp_and_exif.png", png(rgb, 8, RGB, before=text_chunk("XML:com.adobe.xmp", xmp(6), "iTXt") +
                                  chunk(b"eXIf", exif(3)))
    profile = raw_profile("exif", prefix + exif(6, ">"))
    yield "profile.png", png(rgb, 8, RGB, before=text_chunk("Raw profile type exif", profile))
    yield "profile_packed.png", png(rgb, 8, RGB, after=text_chunk("Raw profile type exif", profile, "zTXt"))
    yield "profile_and_exif.png", png(rgb, 8, RGB, before=text_chunk("Raw profile type exif", profile) +
                                      chunk(b"eXIf", exif(3)))
    yield "profile_and_xmp.png", png(rgb, 8, RGB, before=text_chunk("Raw profile type exif", profile) +
                                     text_chunk("XML:com.adobe.xmp", xmp(3), "iTXt"))
    # Not read by Pillow.
    yield "profile_app1.png", png(rgb, 8, RGB, before=text_chunk("Raw profile type APP1", profile))
    yield "xmp.webp", saved(small_pil("RGB"), "WEBP", lossless=True, xmp=xmp(6))
    yield "xmp_and_exif.webp", saved(small_pil("RGB"), "WEBP", lossless=True, xmp=xmp(6), exif=exif(3))
    frames = [small_pil("RGB"), small_pil("RGB").transpose(Image.Transpose.ROTATE_180)]
    yield "animated.webp", saved(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])
    yield "animated_lossy.webp", saved(frames[0], "WEBP", quality=80, save_all=True, append_images=frames[1:])
    part = small_pil("RGBA")
    yield "animated_part.webp", animated_webp(23, 17, (4, 6, part), (0, 0, part))
    yield "animated_exif.webp", saved(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:],
                                      exif=exif(6))


def pnm_images():
    yield "text_bits.pnm", pnm(small(1, depth=1), 1)
    yield "text_gray.pnm", pnm(small(1), 2)
    yield "text_rgb.pnm", pnm(small(3), 3)
    yield "text_gray_9.pnm", pnm(small(1, levels=10), 2, 9)
    yield "text_rgb_1000.pnm", pnm(small(3, levels=1001), 3, 1000)
    yield "bits.pnm", pnm(small(1, depth=1), 4)
    yield "gray.pnm", pnm(small(1), 5)
    yield "gray_15.pnm", pnm(small(1, depth=4), 5, 15)
    yield "gray_1000.pnm", pnm(small(1, levels=1001), 5, 1000)
    yield "gray_16.pnm", pnm(small(1, depth=16), 5, 65535)
    yield "rgb.pnm", pnm(small(3), 6)
    yield "rgb_100.pnm", pnm(small(3, levels=101), 6, 100)
    yield "rgb_16.pnm", pnm(small(3, depth=16), 6, 65535)


def bmp_images():
    table = np.random.default_rng(9).integers(0, 256, 256 * 4, dtype=np.uint8).tobytes()
    rgb = small(3)
    for bits in (1, 4, 8):
        colours = small(1, levels=1 << min(bits, 4))
        palette = table[:4 << min(bits, 4)]
        yield f"palette_{bits}.bmp", bmp(13, 9, bits, packed_rows(colours[::-1], bits, 4), palette=palette)
        if bits > 1:
            yield f"runs_{bits}.bmp", bmp(13, 9, bits, bmp_runs(colours[..., 0], bits), palette=palette,
                                          compression=3 - bits // 4)
    skipping = b"\5\1\0\2\3\2\4\2\0\0\x0d\3\0\0\x0d\4\0\1"
    yield "runs_skipping.bmp", bmp(13, 5, 8, skipping, palette=table[:64], compression=1)
    yield "palette_core.bmp", bmp(13, 9, 4, packed_rows(small(1, levels=16)[::-1], 4, 4), header=12, palette=table[:48])
    yield "palette_gray.bmp", saved(small_pil("L"), "BMP")
    yield "palette_short.bmp", bmp(13, 9, 8, packed_rows(small(1, levels=16)[::-1], 8, 4), palette=table[:40])
    rows = packed_rows(rgb[::-1, :, ::-1], 8, 4)
    yield "rgb.bmp", bmp(13, 9, 24, rows)
    yield "rgb_core.bmp", bmp(13, 9, 24, rows, header=12)
    yield "rgb_os2.bmp", bmp(13, 9, 24, rows, header=64)
    yield "rgb_down.bmp", bmp(13, 9, 24, packed_rows(rgb[:, :, ::-1], 8, 4), top_down=True)
    yield "rgb_555.bmp", bmp(13, 9, 16, bmp_values(rgb, 16, [(10, 5), (5, 5), (0, 5)]))
    yield "rgb_565.bmp", bmp(13, 9, 16, bmp_values(rgb, 16, [(11, 5), (5, 6), (0, 5)]), compression=3,
                             masks=struct.pack("<III", 0xf800, 0x7e0, 0x1f))
    yield "rgb_32.bmp", bmp(13, 9, 32, bmp_values(rgb, 32, [(16, 8), (8, 8), (0, 8)]))
    yield "rgba_masks.bmp", bmp(13, 9, 32, bmp_values(small(4), 32, [(0, 8), (8, 8), (16, 8), (24, 8)]), header=124,
                                compression=3, masks=struct.pack("<IIII", 0xff, 0xff00, 0xff0000, 0xff000000))


def gif_images():
    frames = [small_palette(), small_palette().transpose(Image.Transpose.ROTATE_180)]
    yield "palette.gif", saved(frames[0], "GIF", interlace=0)
    yield "interlaced.gif", saved(frames[0], "GIF", interlace=1)
    yield "gray.gif", saved(small_pil("L"), "GIF")
    yield "transparent.gif", saved(frames[0], "GIF", transparency=5)
    yield "animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    # The image is a part of the canvas: the screen grows, and the image moves.
    for name, content in (("part", saved(frames[0], "GIF", interlace=0)),
                          ("part_transparent", saved(frames[0], "GIF", interlace=0, transparency=5))):
        screen = content[:6] + struct.pack("<HH", 20, 12) + content[10:]
        at = screen.index(b"," + bytes(4) + struct.pack("<HH", 13, 9)) + 1
        yield f"{name}.gif", screen[:at] + struct.pack("<HH", 4, 2) + screen[at + 4:]


def tiff_images():
    gray, rgb, deep = small(1), small(3), small(3, depth=16)
    for bits in (1, 2, 4):
        yield f"gray_{bits}.tif", tiff(small(1, depth=bits), bits)
        yield f"white_{bits}.tif", tiff(small(1, depth=bits), bits, photometric=0, order=">")
    yield "gray_8.tif", tiff(gray)
    yield "gray_16.tif", tiff(small(1, depth=16), 16)
    yield "gray_16_big_endian.tif", tiff(small(1, depth=16), 16, order=">")
    yield "gray_tiles_16.tif", tiff(small(1, depth=16), 16, tile=16, compression=8)
    yield "gray_alpha.tif", tiff(small(2), extra=2)
    yield "gray_reversed.tif", tiff(gray, more=[(266, 2)])
    for name in ("group3", "group4"):
        yield f"{name}.tif", saved(small_pil("L").convert("1"), "TIFF", compression=name)
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        yield f"rgb_{name}.tif", saved(small_pil("RGB"), "TIFF", compression=name)
    yield "rgb_predictor.tif", saved(small_pil("RGB"), "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "lossy_rgb_jpeg.tif", saved(small_pil("RGB"), "TIFF", compression="jpeg", quality=90)
    yield "lossy_gray_jpeg.tif", saved(small_pil("L"), "TIFF", compression="jpeg", quality=90)
    yield "lossy_ycbcr.tif", saved(small_pil("YCbCr"), "TIFF", compression="tiff_lzw")
    yield "rgb_16.tif", tiff(deep, 16, photometric=2)
    yield "rgb_16_big_endian.tif", tiff(deep, 16, photometric=2, order=">", compression=8)
    yield "rgb_tiles.tif", tiff(scene(3), photometric=2, tile=16)
    yield "rgb_planes.tif", tiff(rgb, photometric=2, planar=True)
    yield "rgb_planes_packed.tif", tiff(rgb, photometric=2, planar=True, compression=8)
    yield "rgb_tiles_planes.tif", tiff(rgb, photometric=2, planar=True, tile=16, compression=8)
    yield "rgb_big.tif", tiff(rgb, photometric=2, big=True)
    yield "rgba.tif", tiff(small(4), photometric=2, extra=2)
    yield "rgba_multiplied.tif", tiff(small(4), photometric=2, extra=1)
    yield "rgbx.tif", tiff(small(4), photometric=2, extra=0)
    yield "cmyk.tif", tiff(small(4), photometric=5, compression=8)
    for bits in (1, 2, 4, 8):
        palette = np.random.default_rng(9).integers(0, 65536, 3 << bits)
        yield f"palette_{bits}.tif", tiff(small(1, depth=bits), bits, photometric=3, palette=palette)
    for orientation in range(1, 9):
        yield f"orientation_{orientation}.tif", tiff(gray, more=[(274, orientation)])
    yield "xmp.tif", tiff(gray, more=[(700, xmp(6))])
    yield "xmp_and_tag.tif", tiff(gray, more=[(700, xmp(6)), (274, 3)])
    yield "pages.tif", saved(small_pil("L"), "TIFF", save_all=True, append_images=[small_pil("RGB")])


def encoded_images():
    yield from common_images()
    yield from noted_images()
    yield from pnm_images()
    yield from bmp_images()
    yield from gif_images()
    yield from tiff_images()


def common_images():
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
    """Files that are no images to us; nothing is expected of them."""
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


def save_expected(folder, name, content):
    """What Pillow makes of it, beside it."""
    image = Image.open(io.BytesIO(content))
    upright = ImageOps.exif_transpose(image)
    gray = upright.convert("L")
    if upright.mode.startswith("I"):  # Pillow's conversion clips at 255; all 16 bits are meant
        values = np.asarray(upright)
        values = np.rint(values / 257) if image.format == "PPM" else values >> 8
        gray = upright = Image.fromarray(values.astype(np.uint8))
    stem = name.replace(".", "_")
    upright.convert("RGB").save(folder / (stem + ".ppm"))
    gray.save(folder / (stem + ".pgm"))


def main(folder):
    decode, resample = folder / "decode", folder / "resample"
    decode.mkdir(parents=True, exist_ok=True)
    resample.mkdir(exist_ok=True)
    for name, content in encoded_images():
        (decode / name).write_bytes(content)
        save_expected(decode, name, content)
    for name, content in refused():
        (folder / "refused").mkdir(exist_ok=True)
        (folder / "refused" / name).write_bytes(content)
    for name, width, height, channels, wide, high, left, top, box_width, box_height in RESAMPLE_CASES:
        source = pattern(width, height, channels)
        image = Image.fromarray(source[..., 0] if channels == 1 else source)
        # One axis at a time: Pillow 13 goes down first in some tall images, older ones always across.
        across = image.resize((wide, height), Image.Resampling.BILINEAR)
        result = across.resize((wide, high), Image.Resampling.BILINEAR)
        result = result.crop((left, top, left + box_width, top + box_height))
        result.save(resample / (name + (".pgm" if channels == 1 else ".ppm")))
    (resample / "cases").write_text("".join(" ".join(map(str, case)) + "\n" for case in RESAMPLE_CASES))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
