"""Documents of many kinds in many layouts, drawn by chance from a seed, with many schemas and the exact truth.

`python -m benchmarks.layouts_drawn FOLDER [--families N] [--per-family M] [--seed S] [--scans SHARE]` writes a corpus
in the form of SHARED_DATA: `docs/` and `truth/`. A family is one design; its documents differ in language, country,
content and schema. Expected is only what is printed; what two readers could answer differently is left out.
"""
