"""Letters read wrong (CER) on pages made here, French and English at three levels of noise.

python -m benchmarks.recognition [--pages N]
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from fpdf import FPDF
from PIL import Image
from rapidfuzz.distance import Levenshtein
from wordfreq import top_n_list

from benchmarks._measuring import Report
from reading.ocr.page import recognise
from reading.rendering import render

DPI = 200
LEVELS = {"clean": 0, "office": 1, "poor": 2}
LINES, WORDS, SIZE = 32, 11, 11.0
GOALS = {"accurate": "<= 0.3", "fast": "<= 0.5"}
Reader = Callable[[Image.Image], str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1, help="of each language at each level")
    given = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        pages = [page for n in range(given.pages) for page in made(Path(folder), n)]
        for mode in ("accurate", "fast"):
            measure(report, f"own, {mode}", own(mode, Path(folder)), pages, GOALS[mode])
    return 1 if report.missed else 0


def measure(report: Report, name: str, read: Reader, pages: list[tuple[str, str, Image.Image]], goal: str) -> None:
    wrong: dict[str, int] = {}
    letters: dict[str, int] = {}
    begun = time.process_time()
    for kind, text, image in pages:
        wrong[kind] = wrong.get(kind, 0) + Levenshtein.distance(plain(text), plain(read(image)))
        letters[kind] = letters.get(kind, 0) + len(plain(text))
    seconds = (time.process_time() - begun) / len(pages)
    for kind in wrong:
        report.line(f"{name}: letters wrong, {kind}", 100 * wrong[kind] / letters[kind], "", " %")
    share, detail = sum(wrong.values()) / sum(letters.values()), f"{len(pages)} pages, {sum(letters.values())} letters"
    report.line(f"{name}: letters wrong", 100 * share, goal, " %", detail)
    report.line(f"{name}: processor time of this process", seconds, "", " s", "a page")


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def made(folder: Path, seed: int) -> Iterator[tuple[str, str, Image.Image]]:
    """Text of frequent words with numbers and signs among them, drawn, and spoiled as scanners do."""
    for language in ("fr", "en"):
        chance = random.Random(f"{language}{seed}")
        words = [word for word in top_n_list(language, 4000) if len(word) > 2]
        lines = [" ".join(_word(chance, words) for _ in range(WORDS)) for _ in range(LINES)]
        image = _drawn(folder, lines)
        for level, strength in LEVELS.items():
            yield f"{language} {level}", "\n".join(lines), spoiled(image, strength, seed)


def _word(chance: random.Random, words: list[str]) -> str:
    if chance.random() < 0.08:
        return f"{chance.randint(1, 9999)},{chance.randint(0, 99):02d}"
    word = chance.choice(words)
    word = word.capitalize() if chance.random() < 0.15 else word
    return word + (chance.choice(",.;:") if chance.random() < 0.12 else "")


def _drawn(folder: Path, lines: list[str]) -> Image.Image:
    document = FPDF(format="A4", unit="pt")
    document.core_fonts_encoding = "cp1252"
    document.set_font("Times", size=SIZE)
    document.add_page()
    for number, line in enumerate(lines):
        document.text(50, 70 + 21 * number, line.encode("cp1252", "ignore").decode("cp1252"))
    path = folder / "page.pdf"
    document.output(str(path))
    return render(path, 1, dpi=DPI)


def spoiled(image: Image.Image, strength: int, seed: int) -> Image.Image:
    """Tilted, blurred, grainy, and pressed as a JPEG; the same for every reader."""
    if not strength:
        return image
    chance = np.random.default_rng(seed)
    picture = np.asarray(image.rotate(0.4 * strength, Image.Resampling.BICUBIC, fillcolor="white"), np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.5 * strength)
    picture = picture * (1 - 0.06 * strength) + chance.normal(0, 9 * strength, picture.shape)
    kept = io.BytesIO()
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(kept, "JPEG", quality=80 - 20 * strength)
    return Image.open(kept).convert("RGB")


def own(mode: str, cache: Path) -> Reader:
    return lambda image: "\n".join(line.text for line in recognise(image, mode, cache).lines)


if __name__ == "__main__":
    sys.exit(main())
