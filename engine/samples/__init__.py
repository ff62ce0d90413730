"""Draws the three sample documents that the portal offers on a first visit; run make.py to regenerate them."""
