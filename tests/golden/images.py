"""Small picture files with procedural pixels, and what Pillow, NumPy and PyTorch make of them.

Run: python tests/golden/images.py   (needs numpy, Pillow, torch, torchvision)
Writes tests/fixtures/images/** and tests/golden/images.json.
"""

import hashlib
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

TESTS = Path(__file__).resolve().parent.parent
FOLDER = TESTS / "fixtures" / "images"
SIZES = [(8, 8), (5, 5), (32, 32), (7, 12)]
# Height and width; odd and even rooms around the centre, and one image smaller than the result.
SHAPES = {"wide": (11, 17), "tall": (19, 8), "square": (13, 13), "tiny": (3, 5)}


def pixels(height, width):
    """Smooth ramps of three slopes; no two pixels of a row or column are alike."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 240 // width, y * 250 // height, (x * 7 + y * 11) % 200], -1).astype(np.uint8)


def alpha(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 40 + y * 3) % 256).astype(np.uint8)


def png16(colour_type, rows):
    """Pillow writes no 16-bit colours, so these files are put together by hand."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = rows.shape[:2]
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def over_white(rgba):
    rgba = rgba.astype(np.float64)
    share = rgba[..., 3:] / 255
    return np.rint(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def decoded(path):
    """Upright RGB with alpha over white, by Pillow."""
    image = ImageOps.exif_transpose(Image.open(path))
    if "A" in image.mode or "transparency" in image.info:
        return over_white(np.array(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def axis(length, scaled, wanted):
    """Low and high neighbour and the weight of the high one, for the centre of the scaled axis."""
    start = round((scaled - wanted) / 2)
    centre = np.maximum(0, (np.arange(scaled) + 0.5) * length / scaled - 0.5)[start : start + wanted]
    low = np.minimum(np.floor(centre).astype(int), length - 1)
    return low, np.minimum(low + 1, length - 1), centre - low


def fitted(image, size):
    """Covers `size`, bilinear with half-pixel centres, then the centre; in double precision."""
    height, width = image.shape[:2]
    if size[0] * width >= size[1] * height:
        scaled = (size[0], max(size[1], int(size[0] * width / height)))
    else:
        scaled = (max(size[0], int(size[1] * height / width)), size[1])
    top, bottom, v = axis(height, scaled[0], size[0])
    left, right, u = axis(width, scaled[1], size[1])
    u, v = u[None, :, None], v[:, None, None]
    image = image.astype(np.float64)
    above = image[top][:, left] * (1 - u) + image[top][:, right] * u
    below = image[bottom][:, left] * (1 - u) + image[bottom][:, right] * u
    return np.rint(above * (1 - v) + below * v).astype(np.uint8)


def by_torchvision(image, side):
    tensor = torch.from_numpy(image.copy()).permute(2, 0, 1)
    tensor = F.resize(tensor, side, InterpolationMode.BILINEAR, antialias=False)
    return F.center_crop(tensor, [side, side]).permute(1, 2, 0).numpy()


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def write_kinds():
    """One picture in every form that is read."""
    rgb, mask = pixels(11, 17), alpha(11, 17)
    larger = pixels(55, 85)
    wide16 = rgb.astype(np.uint16) * 256 + np.arange(17, dtype=np.uint16)[None, :, None] * 9
    mask16 = mask.astype(np.uint16) * 256 + 77
    known = {}

    def save(name, image, **options):
        image.save(FOLDER / "kinds" / name, **options)

    def put(name, content, expected):
        (FOLDER / "kinds" / name).write_bytes(content)
        known[name] = expected

    save("rgb.png", Image.fromarray(rgb))
    save("rgba.png", Image.fromarray(np.dstack([rgb, mask])))
    save("grey.png", Image.fromarray(rgb[..., 0]))
    save("grey_alpha.png", Image.fromarray(np.dstack([rgb[..., 0], mask])))
    save("one_bit.png", Image.fromarray(rgb[..., 0] > 100).convert("1"))
    palette = Image.fromarray(rgb).quantize(16)
    save("palette.png", palette)
    save("palette_transparent.png", palette, transparency=3)
    put("grey16.png", png16(0, wide16[..., 0]), np.repeat(rgb[..., :1], 3, -1))
    put("rgb16.png", png16(2, wide16), rgb)
    put("rgba16.png", png16(6, np.dstack([wide16, mask16])), over_white(np.dstack([rgb, mask])))
    save("rgb.jpg", Image.fromarray(larger), quality=92)
    save("progressive.jpg", Image.fromarray(larger), quality=92, progressive=True)
    save("grey.jpg", Image.fromarray(larger[..., 0]), quality=92)
    save("cmyk.jpg", Image.fromarray(larger).convert("CMYK"), quality=95)
    save("lossy.webp", Image.fromarray(larger), quality=90)
    save("lossless.webp", Image.fromarray(rgb), lossless=True)
    save("alpha.webp", Image.fromarray(np.dstack([rgb, mask])), lossless=True, exact=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        save(f"turned{orientation}.jpg", Image.fromarray(pixels(22, 34)), quality=92, exif=exif)
    exif = Image.Exif()
    exif[0x112] = 6
    save("turned6.png", Image.fromarray(rgb), exif=exif)
    save("turned8.webp", Image.fromarray(rgb), lossless=True, exif=exif)
    return known


def write_bad():
    """Files that must be refused."""
    good = (FOLDER / "kinds" / "rgb.png").read_bytes()
    jpeg = (FOLDER / "kinds" / "rgb.jpg").read_bytes()
    webp = (FOLDER / "kinds" / "lossy.webp").read_bytes()
    flipped = bytearray(good)
    flipped[60] ^= 1
    contents = {
        "cut.png": good[:-30],
        "flipped.png": bytes(flipped),
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "cut.webp": webp[: len(webp) // 2],
        "empty.png": b"",
        "text.jpg": b"no picture at all",
        "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    }
    for name, content in contents.items():
        (FOLDER / "bad" / name).write_bytes(content)
    Image.fromarray(pixels(11, 17)).save(FOLDER / "bad" / "other.gif")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in ("kinds", "bad", "shapes"):
        (FOLDER / folder).mkdir(parents=True)
    known = write_kinds()
    write_bad()
    kinds = {}
    for path in sorted((FOLDER / "kinds").iterdir()):
        image = known.get(path.name)
        image = decoded(path) if image is None else image
        kinds[path.name] = {"shape": list(image.shape[:2]), "pixels": digest(image)}
    fits, differing, compared, largest = [], 0, 0, 0
    for name, shape in SHAPES.items():
        image = pixels(*shape)
        Image.fromarray(image).save(FOLDER / "shapes" / f"{name}.png")
        for size in SIZES:
            result = fitted(image, size)
            fits.append({"file": f"{name}.png", "size": list(size), "pixels": digest(result)})
            if size[0] == size[1]:
                other = by_torchvision(image, size[0])
                difference = np.abs(result.astype(int) - other.astype(int))
                differing += int((difference > 0).sum())
                compared += difference.size
                largest = max(largest, int(difference.max()))
    assert largest <= 1 and differing <= 0.002 * compared, (largest, differing, compared)
    golden = {
        "versions": {
            "Pillow": PIL.__version__,
            "numpy": np.__version__,
            "torchvision": torchvision.__version__,
        },
        # In double precision ties fall otherwise than in torchvision's float32, by one grey level.
        "torchvision": {"compared": compared, "differing": differing, "largest": largest},
        "kinds": kinds,
        "fits": fits,
    }
    (TESTS / "golden" / "images.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
