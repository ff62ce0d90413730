"""Values of documents about a person, a vehicle, an account or wages."""

from __future__ import annotations

from .record import Records

__all__ = ["Records"]
