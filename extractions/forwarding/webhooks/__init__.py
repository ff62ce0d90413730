"""Webhooks out: what other programs are told, and how it reaches them."""
