"""Tells whoever gave something out in a person's name that the person may do less from now on."""

from django.dispatch import Signal

rights_reduced = Signal()
"""Sent with `person`, in the transaction in which they left a team, got a lower role, or had their account closed."""
