"""Attacks on the running product by one person, or by nobody at all."""
