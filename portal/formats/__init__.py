"""Dates as our readers write them, where Django's own formats of a language differ."""
