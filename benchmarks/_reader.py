"""Files through one reader, in a process of its own, by whichever Python has that reader installed.

    python benchmarks/_reader.py READER FILE...

Prints one JSON object: the texts, and the seconds by the clock and of the processor after the first file was read once
to load whatever is loaded; or what is missing. Imports nothing of the project but for the project's own readers.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Read = Callable[[Path], str]
LANGUAGES = "eng+fra"


def main() -> int:
    name, *paths = sys.argv[1:]
    os.environ |= {
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENCV_FOR_THREADS_NUM": "1",
    }  # the processes share the cores, not the threads
    try:
        read = READERS[name]()
        read(Path(paths[0]))
    except (ImportError, FileNotFoundError) as error:
        print(json.dumps({"missing": str(error)}))
        return 0
    wall, processor = time.monotonic(), worked()
    texts = [read(Path(path)) for path in paths]
    print(json.dumps({"texts": texts, "wall": time.monotonic() - wall, "processor": worked() - processor}))
    return 0


def worked() -> float:
    """Seconds of the processor, those of programs that were started included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def own(mode: str) -> Callable[[], Read]:
    def make() -> Read:
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        read_document = importlib.import_module("reading").read_document
        importlib.import_module("reading.sandbox").prefer_speed()  # as in the children that read
        cache = Path(tempfile.gettempdir()) / "extraction-portal-benchmarks"
        return lambda path: str(read_document(path, mode=mode, layout=False, cache_dir=cache).markdown)

    return make


def kreuzberg(output: str, recognising: bool = False) -> Callable[[], Read]:
    """Told to recognise text, it draws the pages of PDFs, too, which would be unfair where they have text."""

    def make() -> Read:
        package = importlib.import_module("kreuzberg")
        ocr = {"ocr": package.OcrConfig(backend="tesseract", language=LANGUAGES)} if recognising else {}
        config = package.ExtractionConfig(use_cache=False, output_format=output, **ocr)
        return lambda path: str(package.extract_file_sync(str(path), config=config).content)

    return make


def rapidocr() -> Read:
    engine = importlib.import_module("rapidocr").RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})
    return lambda path: "\n".join(engine(str(path)).txts or ())


def ocrmypdf() -> Read:
    beside = Path(sys.executable).with_name("ocrmypdf")
    program = str(beside) if beside.exists() else shutil.which("ocrmypdf")
    if program is None or shutil.which("tesseract") is None:
        raise FileNotFoundError("ocrmypdf or tesseract (apt install tesseract-ocr-fra; pip install ocrmypdf)")

    def read(path: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "page.txt"
            options = ["-q", "-l", LANGUAGES, "--jobs", "1", "--output-type", "pdf", "--sidecar", str(text)]
            subprocess.run([program, *options, str(path), f"{folder}/page.pdf"], check=True, capture_output=True)
            return text.read_text("utf-8")

    return read


READERS: dict[str, Callable[[], Read]] = {
    "own, fast": own("fast"),
    "own, accurate": own("accurate"),
    "Kreuzberg": kreuzberg("plain", recognising=True),
    "Kreuzberg, bare text": kreuzberg("plain"),
    "Kreuzberg, Markdown": kreuzberg("markdown"),
    "RapidOCR": rapidocr,
    "OCRmyPDF": ocrmypdf,
}

if __name__ == "__main__":
    sys.exit(main())
