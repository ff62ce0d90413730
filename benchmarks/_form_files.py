"""Drawn papers as files: with the fields of a form that can be filled in on a screen, or scanned."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image

from benchmarks._canvas import HEIGHT
from benchmarks._forms import Paper

DPI = 170


def saved(paper: Paper, folder: Path) -> Path:
    """The file of a paper, as its medium wants it."""
    data = bytes(paper.canvas.pdf.output())
    stem = folder / f"{paper.kind}_{paper.medium}"
    if paper.medium == "scan":
        _scanned(data, paper).save(stem.with_suffix(".png"))
        return stem.with_suffix(".png")
    path = stem.with_suffix(".pdf")
    path.write_bytes(_filled_in(data, paper) if paper.medium == "form" else data)
    return path


def _filled_in(data: bytes, paper: Paper) -> bytes:
    """Every value as a text field; half of the files leave it to the reader to draw them."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        font = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        fields = []
        for number, (x0, y0, x1, y1, entry) in enumerate(paper.typed):
            widget = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T=f"f1_{number:02d}",
                V=entry.printed,
                DA="/Helv 9 Tf 0 g",
                F=4,
                Rect=[x0, HEIGHT - y1, x1, HEIGHT - y0],
            )
            if paper.rng.random() < 0.5 and entry.printed:
                widget.AP = pikepdf.Dictionary(N=_appearance(pdf, font, entry.printed, x1 - x0, y1 - y0))
            fields.append(pdf.make_indirect(widget))
        page.Annots = pdf.make_indirect(pikepdf.Array(fields))
        resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields), DR=resources, NeedAppearances=True)
        written = io.BytesIO()
        pdf.save(written)
        return written.getvalue()


def _appearance(pdf: pikepdf.Pdf, font: pikepdf.Object, text: str, width: float, height: float) -> pikepdf.Object:
    shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252", "replace")
    stream = pdf.make_stream(b"/Tx BMC q BT /Helv 9 Tf 0 g 2 4 Td (" + shown + b") Tj ET Q EMC")
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    stream.BBox = [0, 0, width, height]
    stream.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
    return pdf.make_indirect(stream)


def _scanned(data: bytes, paper: Paper) -> Image.Image:
    """A little tilted, grey and noisy."""
    with pypdfium2.PdfDocument(data) as pdf:
        page = pdf[0].render(scale=DPI / 72, grayscale=True).to_pil()
    page = page.rotate(paper.rng.uniform(-0.5, 0.5), expand=False, fillcolor=255, resample=Image.Resampling.BICUBIC)
    noise = np.random.default_rng(paper.rng.randint(0, 2**31))
    grey = np.asarray(page, np.float32) * 0.92 + 8 + noise.normal(0, 9, (page.height, page.width))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
