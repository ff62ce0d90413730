"""The three documents the portal offers on a first visit, made by us; run make.py by hand to draw them again."""
