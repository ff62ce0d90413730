"""Boxes and ticks that are letters of a symbol font, and come as the letters of the keys they lie on."""

from __future__ import annotations

import ctypes

import pypdfium2.raw as pdfium

SYMBOLS: dict[str, dict[int, str]] = {
    "wingdings": {0x6F: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
    "wingdings2": {0x2A: "☐", 0x30: "☐", 0xA3: "☐", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒"},
    "webdings": {0x61: "✓", 0x63: "☐", 0x72: "✗", 0x78: "☒"},
}
"""By font, its name without blanks and dashes: the code of a key and what is printed."""
ALIKE = dict.fromkeys("❏❐❑❒▢", "☐")
"""Shadows of boxes make no difference."""
PRIVATE = 0xF000  # where symbol fonts have their letters
PICTURED = frozenset(chr(PRIVATE + code) for codes in SYMBOLS.values() for code in codes)
BOXES = "".join(chr(PRIVATE + code) for code in SYMBOLS["wingdings"])
"""What is no sign of a text that cannot be trusted."""
KEYS = PICTURED | {chr(code) for codes in SYMBOLS.values() for code in codes}
LONGEST = 80  # letters of a font's name


def as_symbol(textpage: object, index: int, letter: str) -> str:
    """The letter as a reader sees it; itself in every other font."""
    if letter not in KEYS:
        return letter
    buffer, flags = ctypes.create_string_buffer(LONGEST), ctypes.c_int()
    size = pdfium.FPDFText_GetFontInfo(textpage, index, buffer, LONGEST, ctypes.byref(flags))
    if not 0 < size <= LONGEST:
        return letter
    name = buffer.value.decode("utf-8", "replace").split("+")[-1].casefold()
    font = "".join(char for char in name if char.isalnum()).removesuffix("regular").removesuffix("itc")
    code = ord(letter) - PRIVATE if letter in PICTURED else ord(letter)
    return SYMBOLS.get(font, {}).get(code, letter)


def with_symbols(textpage: object, start: int, text: str) -> str:
    """A word with the private codes of symbol fonts as a reader sees them; those of other fonts are pictures."""
    return "".join(
        as_symbol(textpage, index, letter) if letter in PICTURED else letter for index, letter in enumerate(text, start)
    )
