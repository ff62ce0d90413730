"""Write static/icons.svg, one sprite of every icon the pages use.

Run by hand, with the unpacked npm package lucide-static:
    python static/vendor/make_icons.py package/icons
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

SPRITE = Path(__file__).parent.parent / "icons.svg"
SVG = "{http://www.w3.org/2000/svg}"
STYLE = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'

ICONS = """
arrow-down arrow-right arrow-up ban braces calendar camera check chevron-down chevron-left chevron-right circle-alert
circle-check circle-help circle-question-mark circle-x clipboard-paste clock coins columns-3 copy download ellipsis
external-link file-plus file-text file-up filter folder history image inbox info key-round keyboard languages
layout-dashboard link list loader-circle lock log-out maximize menu message-square minus monitor moon pause pencil
play plus redo-2 refresh-cw rotate-ccw rotate-cw scan-text scissors search server settings share-2
sliders-horizontal sun table trash-2 triangle-alert undo-2 upload user user-check users x zoom-in zoom-out
"""

# Ours, not Lucide's: a page being read, between the corners of a scanner.
LOGO = (
    f'<symbol id="logo" {STYLE} stroke-width="2">'
    '<path d="M3 7.5V5a2 2 0 0 1 2-2h2.5M16.5 3H19a2 2 0 0 1 2 2v2.5"/>'
    '<path d="M21 16.5V19a2 2 0 0 1-2 2h-2.5M7.5 21H5a2 2 0 0 1-2-2v-2.5"/>'
    '<path d="M8 9h8M8 12.25h8M8 15.5h4.5"/></symbol>'
)


def symbol(name: str, icon: Path) -> str:
    shapes = ElementTree.parse(icon).getroot()  # noqa: S314 - from a package we chose and looked at
    drawn = "".join(
        f"<{shape.tag.removeprefix(SVG)} " + " ".join(f'{key}="{value}"' for key, value in shape.items()) + "/>"
        for shape in shapes
    )
    return f'<symbol id="{name}" {STYLE} stroke-width="1.75">{drawn}</symbol>'


def sprite(icons: Path) -> str:
    symbols = [LOGO, *(symbol(name, icons / f"{name}.svg") for name in ICONS.split())]
    note = "<!-- Icons: Lucide, ISC (vendor/licences/lucide.txt). The logo is ours. -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', note, *symbols, "</svg>", ""])


if __name__ == "__main__":
    SPRITE.write_text(sprite(Path(sys.argv[1])), encoding="utf-8")
