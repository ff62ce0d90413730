"""A photograph of a paper strip on a wooden table, taken by hand near a window; always the same one."""

import cv2
import numpy as np

from engine.samples.camera import Floats, Pixels, clouds

WIDTH, HEIGHT = 1512, 2016
# Where the corners of the strip lie in the photograph, clockwise from its upper left one.
CORNERS = np.array([[386, 148], [1126, 112], [1236, 1862], [300, 1900]], np.float32)
THERMAL_INK = np.array([66, 52, 48], np.float32)  # blue, green, red, as OpenCV has them
PAPER = np.array([238, 244, 245], np.float32)


def photograph(printed: Pixels) -> Pixels:
    rng = np.random.default_rng(5519)
    paper, cover = _lay(_paper(printed, rng))
    table = _table(rng)
    for shift, blur, depth in (((26, 34), 30, 0.55), ((5, 7), 6, 0.45)):
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        shadow = cv2.GaussianBlur(cv2.warpAffine(cover, move, (WIDTH, HEIGHT)), (0, 0), blur)
        table *= 1 - depth * shadow[..., None]
    scene = table * (1 - cover[..., None]) + paper * cover[..., None]
    scene = scene * _light()[..., None] * np.array([0.955, 0.99, 1.02], np.float32)
    return _develop(scene.astype(np.float32), rng)


def _paper(printed: Pixels, rng: np.random.Generator) -> Floats:
    """The strip as it came out of the printer: a worn head, a little dust, creases from a pocket."""
    height, width = printed.shape
    ink = 1 - cv2.GaussianBlur(printed, (0, 0), 0.8).astype(np.float32) / 255
    worn = 0.9 + 0.1 * clouds(rng, 1, width, 40)[0]
    faded = 0.9 + 0.1 * clouds(rng, height, width, 220)
    ink *= (worn[None, :] * faded * rng.uniform(0.86, 1, printed.shape)).clip(0, 1)
    strip = PAPER * (1 - ink[..., None]) + THERMAL_INK * ink[..., None]
    return (strip * _relief(rng, height, width)[..., None]).astype(np.float32)


def _relief(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Light and shade on the strip: ends that curl up, soft dents, one fold across."""
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    curl = 1 - 0.20 * np.exp(-y / 0.05) + 0.05 * np.exp(-(((y - 0.1) / 0.04) ** 2)) - 0.16 * np.exp((y - 1) / 0.06)
    dents = 0.022 * clouds(rng, height, width, 170) + 0.01 * clouds(rng, height, width, 60)
    at = 0.555 + 0.012 * np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    fold = -0.10 * np.exp(-(((y - at) / 0.004) ** 2)) + 0.05 * np.exp(-(((y - at - 0.012) / 0.008) ** 2))
    return np.asarray(curl + dents + fold, np.float32)


def _lay(strip: Floats) -> tuple[Floats, Floats]:
    """The strip seen in perspective and slightly bent, and how much of each pixel it covers."""
    height, width = strip.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = cv2.getPerspectiveTransform(CORNERS, flat)
    grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), axis=-1).astype(np.float32)
    seen = cv2.perspectiveTransform(grid.reshape(-1, 1, 2), away).reshape(HEIGHT, WIDTH, 2)
    across, along = seen[..., 0] / width, seen[..., 1] / height
    x = seen[..., 0] + 13 * np.sin(np.pi * (1.3 * along + 0.15))
    y = seen[..., 1] + 16 * np.sin(np.pi * across.clip(0, 1)) * (1 - 2 * along) + 5 * np.sin(np.pi * 3 * along)
    where = (x.astype(np.float32), y.astype(np.float32))
    bent = cv2.remap(strip, *where, cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(_torn(height, width), *where, cv2.INTER_LINEAR, borderValue=(0.0,))
    return bent.astype(np.float32), cover.astype(np.float32)


def _torn(height: int, width: int) -> Floats:
    """The outline of the strip: the cutter leaves small teeth at both ends."""
    teeth = (np.abs((np.arange(width) % 22) - 11) * 0.5).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    inside = (rows - teeth).clip(0, 1) * (height - 2 - teeth - rows).clip(0, 1)
    inside[:, :1] = inside[:, -1:] = 0
    return np.asarray(inside, np.float32)


def _table(rng: np.random.Generator) -> Floats:
    """Oiled oak: long grain, fine pores, boards that differ a little."""
    tall = HEIGHT + 400
    grain = np.zeros((tall, WIDTH), np.float32)
    for across, along, weight in ((34, 900, 0.5), (12, 520, 0.3), (4, 260, 0.22), (2, 60, 0.16)):
        seeds = rng.uniform(-1, 1, (tall // along + 3, WIDTH // across + 3)).astype(np.float32)
        grain += weight * cv2.resize(seeds, (WIDTH, tall), interpolation=cv2.INTER_CUBIC)
    for left, right, tone in ((0, 470, 0.10), (470, 1010, -0.14), (1010, WIDTH, 0.03)):
        grain[:, left:right] += tone
    rows = np.arange(tall, dtype=np.float32)[:, None]
    for seam in (470, 1010):
        columns = np.arange(WIDTH, dtype=np.float32)[None, :]
        grain -= 1.5 * np.exp(-(((columns - seam) / 2.2) ** 2)) * (0.8 + 0.2 * np.sin(rows / 90))
    dark, bright = np.array([48, 76, 112], np.float32), np.array([104, 146, 188], np.float32)
    wood = dark + (bright - dark) * (0.5 + 0.42 * grain).clip(-0.35, 1.2)[..., None]
    turn = cv2.getRotationMatrix2D((WIDTH / 2, tall / 2), 8, 1.3)
    turn[1, 2] -= 200
    return cv2.warpAffine(wood, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT).astype(np.float32)


def _light() -> Floats:
    """A window at the upper left; the photographer's arm takes light away at the lower right."""
    y, x = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j].astype(np.float32)
    window = 1.13 - 0.20 * (0.55 * x + 0.45 * y)
    edge = 1 / (1 + np.exp(-((x * 0.82 + y * 0.62) - 1.16) / 0.035))
    corners = 1 - 0.16 * (((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5)
    return np.asarray(window * (1 - 0.24 * edge) * corners, np.float32)


def _develop(scene: Floats, rng: np.random.Generator) -> Pixels:
    """A small lens and a small sensor: some blur, grain in light and in colour, a touch of sharpening."""
    soft = cv2.GaussianBlur(scene, (0, 0), 0.9).astype(np.float32)
    soft += rng.normal(0, 2.6, (HEIGHT, WIDTH, 1)).astype(np.float32)
    soft += cv2.GaussianBlur(rng.normal(0, 5, scene.shape).astype(np.float32), (0, 0), 1.2)
    sharp = soft + 0.45 * (soft - cv2.GaussianBlur(soft, (0, 0), 1.6))
    return sharp.clip(0, 255).astype(np.uint8)
