"""Extraction schemas as people edit them: parsing, form fields, lint, differences, starting points. Pure: no Django."""
