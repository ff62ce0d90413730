"""`python -m benchmarks.layouts_drawn FOLDER`: see the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.layouts_drawn import __doc__ as about
from benchmarks.layouts_drawn.corpus import draw_family, write


def main() -> int:
    arguments = argparse.ArgumentParser(description=about)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--families", type=int, default=150)
    arguments.add_argument("--first", type=int, default=1, help="the number of the first family")
    arguments.add_argument("--per-family", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--scans", type=float, default=0.15, help="share of documents that are pictures")
    options = arguments.parse_args()
    count = 0
    for number in range(options.first, options.first + options.families):
        for drawn in draw_family(options.seed, number, options.per_family, options.scans):
            write(drawn, options.folder)
            count += 1
    print(f"{count} documents of {options.families} families in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
