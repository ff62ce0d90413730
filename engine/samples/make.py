"""Regenerates the sample documents: python -m engine.samples.make

For developers only; needs the Debian packages fonts-lato and fonts-liberation.
"""

import argparse
import json
from decimal import Decimal
from pathlib import Path

from engine.samples import facture, invoice, ticket
from engine.samples.facts import TRUTH

SAMPLES = Path(__file__).parents[2] / "extractions" / "samples"
FONTS = Path("/usr/share/fonts/truetype")
DRAWN_BY = {
    "invoice-larkspur-instruments.pdf": invoice.draw,
    "facture-kerbrune-scan.pdf": facture.draw,
    "ticket-pennywhistle.jpg": ticket.draw,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the sample documents and write their expected values.")
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of the Debian fonts")
    parser.add_argument("--into", type=Path, default=SAMPLES, help="folder to write to")
    options = parser.parse_args()

    for name, draw in DRAWN_BY.items():
        (options.into / name).write_bytes(draw(options.fonts))
    truth = json.dumps(TRUTH, indent=2, ensure_ascii=False, default=_number)
    (options.into / "truth.json").write_text(truth + "\n", encoding="utf-8")


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} has no place in the truth")
    return int(value) if value == value.to_integral_value() else float(value)


if __name__ == "__main__":
    main()
