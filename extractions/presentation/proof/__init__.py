"""Proof sheets: a PDF that says what was read from a document and who stands for it, signed by the portal."""
