"""Golden values of lib/data/corrupt.ts: CIFAR-10-C's corruptions by numpy, scipy, scikit-image, OpenCV and Pillow.

The constants and steps are those of ImageNet-C/create_c/make_cifar_c.py in github.com/hendrycks/robustness
(Hendrycks and Dietterich 2019). Motion blur, there ImageMagick's, follows the formula of MagickCore/effect.c,
MotionBlurImage. The random kinds take their numbers from a small generator that the test has as well, so that
their images can be compared pixel by pixel; shot and impulse noise are compared by mean and variance instead.

Run: python tests/golden/corruptions.py > tests/golden/corruptions.json
"""
import base64
import io
import json
import math

import cv2
import numpy as np
import PIL
import scipy
import skimage
from PIL import Image
from scipy.ndimage import map_coordinates, zoom
from skimage.color import hsv2rgb, rgb2hsv
from skimage.filters import gaussian


class Draws:
    """A linear congruential generator (Numerical Recipes' constants); normal numbers by Box and Muller."""

    def __init__(self, state):
        self.state = state

    def uniform(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def integer(self, bound):
        return math.floor(self.uniform() * bound)

    def uniforms(self, low, high, shape):
        return np.array([low + (high - low) * self.uniform() for _ in range(math.prod(shape))]).reshape(shape)

    def normals(self, mean, deviation, shape):
        return np.array([mean + deviation * self.normal() for _ in range(math.prod(shape))]).reshape(shape)


def make_image():
    """Bytes with gradients, edges and grain."""
    grain = Draws(7)
    image = np.zeros((32, 32, 3), np.uint8)
    for row in range(32):
        for column in range(32):
            for channel in range(3):
                board = 80 * ((row // 8 + column // 11) % 2)
                slope = 3 * row * channel + 2 * column * (2 - channel)
                image[row, column, channel] = 10 + (board + slope + grain.integer(25)) % 240
    return image


def enlarged_middle(image, factor):
    size = image.shape[0]
    crop = math.ceil(size / factor)
    top = (size - crop) // 2
    big = zoom(image[top:top + crop, top:top + crop], (factor, factor, 1), order=1)
    trim = (big.shape[0] - size) // 2
    return big[trim:trim + size, trim:trim + size]


def motion(image, radius, sigma, degrees):
    """ImageMagick's: half a Gaussian along a line, pixels beyond the edge repeat it, rounded to bytes."""
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-steps**2 / (2 * sigma**2))
    weights /= weights.sum()
    angle = math.radians(degrees)
    rows, columns = np.indices(image.shape[:2])
    total = np.zeros(image.shape)
    for step, weight in zip(steps, weights):
        right = math.ceil(step * math.cos(angle) - 0.5)
        down = math.ceil(step * math.sin(angle) - 0.5)
        y = np.clip(rows + down, 0, image.shape[0] - 1)
        x = np.clip(columns + right, 0, image.shape[1] - 1)
        total += weight * image[y, x]
    return np.floor(total + 0.5).astype(np.uint8)


def gaussian_noise(image, c, draws):
    return image / 255 + draws.normals(0, c, image.shape)


def speckle_noise(image, c, draws):
    x = image / 255
    return x + x * draws.normals(0, c, image.shape)


def gaussian_blur(image, c, draws):
    return gaussian(image / 255, sigma=c, channel_axis=-1)


def defocus_blur(image, c, draws):
    radius, sigma = c
    x, y = np.meshgrid(np.arange(-8, 9), np.arange(-8, 9))
    disk = (x**2 + y**2 <= radius**2).astype(np.float32)
    kernel = cv2.GaussianBlur(disk / disk.sum(), ksize=(3, 3), sigmaX=sigma)
    return cv2.filter2D(image / 255, -1, kernel)


def glass_blur(image, c, draws):
    sigma, reach, rounds = c
    x = np.uint8(gaussian(image / 255, sigma=sigma, channel_axis=-1) * 255)
    for _ in range(rounds):
        for row in range(32 - reach, reach, -1):
            for column in range(32 - reach, reach, -1):
                right = draws.integer(2 * reach) - reach
                down = draws.integer(2 * reach) - reach
                # As published: the right side holds views, so that this copies and does not exchange.
                x[row, column], x[row + down, column + right] = x[row + down, column + right], x[row, column]
    return gaussian(x / 255, sigma=sigma, channel_axis=-1)


def motion_blur(image, c, draws):
    return motion(image, *c, -45 + 90 * draws.uniform()) / 255


def zoom_blur(image, c, draws):
    x = np.float32(image / 255)
    factors = np.arange(1, c, 0.01)
    total = sum(enlarged_middle(x, factor) for factor in factors)
    return (x + total) / (len(factors) + 1)


def snow(image, c, draws):
    mean, deviation, factor, threshold, radius, sigma, kept = c
    x = np.float32(image / 255)
    flakes = enlarged_middle(draws.normals(mean, deviation, (32, 32))[..., None], factor)[..., 0]
    flakes[flakes < threshold] = 0
    flakes = np.uint8(np.clip(flakes, 0, 1) * 255)
    fallen = motion(flakes, radius, sigma, -135 + 90 * draws.uniform())[..., None] / 255
    luma = cv2.cvtColor(x, cv2.COLOR_RGB2GRAY)[..., None]
    x = kept * x + (1 - kept) * np.maximum(x, luma * 1.5 + 0.5)
    return x + fallen + np.rot90(fallen, k=2)


def plasma(decay, draws):
    size = step = 32
    rough = 100.0
    clouds = np.zeros((size, size))

    def raised(total):
        return total / 4 + rough * draws.uniforms(-rough, rough, total.shape)

    while step >= 2:
        half = step // 2
        corners = clouds[::step, ::step]
        pairs = corners + np.roll(corners, -1, axis=0)
        clouds[half::step, half::step] = raised(pairs + np.roll(pairs, -1, axis=1))
        centres = clouds[half::step, half::step]
        corners = clouds[::step, ::step]
        around = centres + np.roll(centres, 1, axis=0) + corners + np.roll(corners, -1, axis=1)
        clouds[::step, half::step] = raised(around)
        around = centres + np.roll(centres, 1, axis=1) + corners + np.roll(corners, -1, axis=0)
        clouds[half::step, ::step] = raised(around)
        step //= 2
        rough /= decay
    clouds -= clouds.min()
    return clouds / clouds.max()


def fog(image, c, draws):
    x = image / 255
    brightest = x.max()
    return (x + c[0] * plasma(c[1], draws)[..., None]) * brightest / (brightest + c[0])


def brightness(image, c, draws):
    x = rgb2hsv(image / 255)
    x[..., 2] = np.clip(x[..., 2] + c, 0, 1)
    return hsv2rgb(x)


def contrast(image, c, draws):
    x = image / 255
    means = x.mean(axis=(0, 1))
    return (x - means) * c + means


def saturate(image, c, draws):
    x = rgb2hsv(image / 255)
    x[..., 1] = np.clip(x[..., 1] * c[0] + c[1], 0, 1)
    return hsv2rgb(x)


def spatter(image, c, draws):
    mean, deviation, sigma, threshold, strength, mud = c
    x = np.float32(image / 255)
    liquid = gaussian(draws.normals(mean, deviation, (32, 32)), sigma=sigma)
    liquid[liquid < threshold] = 0
    if mud:
        amount = gaussian(np.float32(liquid > threshold), sigma=strength)
        amount[amount < 0.8] = 0
        return x * (1 - amount[..., None]) + amount[..., None] * np.array([63, 42, 20]) / 255
    liquid = (liquid * 255).astype(np.uint8)
    distance = cv2.distanceTransform(255 - cv2.Canny(liquid, 50, 150), cv2.DIST_L2, 5)
    near = cv2.blur(np.minimum(distance, 20), (3, 3)).astype(np.uint8)
    relief = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    shaded = cv2.filter2D(cv2.equalizeHist(near), cv2.CV_8U, relief)
    drops = liquid * cv2.blur(shaded, (3, 3)).astype(np.float32)
    return x + strength * (drops / drops.max())[..., None] * np.array([175, 238, 238]) / 255


def elastic_transform(image, c, draws):
    bend, smoothness, stretch = c
    x = np.float32(image / 255)
    corners = np.float32([[26, 26], [26, 6], [6, 6]])
    moved = corners + draws.uniforms(-stretch, stretch, (3, 2)).astype(np.float32)
    x = cv2.warpAffine(x, cv2.getAffineTransform(corners, moved), (32, 32), borderMode=cv2.BORDER_REFLECT_101)

    def displacement():
        return gaussian(draws.uniforms(-1, 1, (32, 32)), smoothness, mode="reflect", truncate=3) * bend

    right, down = displacement(), displacement()
    rows, columns = np.indices((32, 32))
    return np.stack([
        map_coordinates(x[..., channel], [rows + down, columns + right], order=1, mode="reflect")
        for channel in range(3)
    ], axis=-1)


def pixelate(image, c, draws):
    small = int(32 * c)
    return np.array(Image.fromarray(image).resize((small, small), Image.BOX).resize((32, 32), Image.BOX)) / 255


def jpeg_compression(image, c, draws):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=c)
    return np.array(Image.open(file)) / 255


KINDS = {
    gaussian_noise: [0.04, 0.06, 0.08, 0.09, 0.10],
    speckle_noise: [0.06, 0.1, 0.12, 0.16, 0.2],
    gaussian_blur: [0.4, 0.6, 0.7, 0.8, 1],
    defocus_blur: [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
    glass_blur: [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    motion_blur: [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
    zoom_blur: [1.06, 1.11, 1.16, 1.21, 1.26],
    snow: [
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    ],
    fog: [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)],
    brightness: [0.05, 0.1, 0.15, 0.2, 0.3],
    contrast: [0.75, 0.5, 0.4, 0.3, 0.15],
    saturate: [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)],
    spatter: [
        (0.62, 0.1, 0.7, 0.7, 0.5, 0),
        (0.65, 0.1, 0.8, 0.7, 0.5, 0),
        (0.65, 0.3, 1, 0.69, 0.5, 0),
        (0.65, 0.1, 0.7, 0.69, 0.6, 1),
        (0.65, 0.1, 0.5, 0.68, 0.6, 1),
    ],
    elastic_transform: [
        (32 * 0, 32 * 0, 32 * 0.08),
        (32 * 0.05, 32 * 0.2, 32 * 0.07),
        (32 * 0.08, 32 * 0.06, 32 * 0.06),
        (32 * 0.1, 32 * 0.04, 32 * 0.05),
        (32 * 0.1, 32 * 0.03, 32 * 0.03),
    ],
    pixelate: [0.95, 0.9, 0.85, 0.75, 0.65],
    jpeg_compression: [80, 65, 58, 50, 40],
}


def encoded(image):
    return base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()


def corrupted(kind, image, severity):
    values = kind(image, KINDS[kind][severity - 1], Draws(100 * severity + 1))
    # As published: what is beyond the range is clipped, the rest cut off; bytes stay what they are.
    return np.uint8(np.clip(values, 0, 1) * 255 + 1e-9)


if __name__ == "__main__":
    image = make_image()
    print(json.dumps({
        "versions": {
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-image": skimage.__version__,
            "opencv": cv2.__version__,
            "Pillow": PIL.__version__,
        },
        "image": encoded(image),
        "kinds": {
            kind.__name__: [encoded(corrupted(kind, image, severity)) for severity in range(1, 6)]
            for kind in KINDS
        },
    }))
