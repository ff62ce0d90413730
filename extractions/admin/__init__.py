"""Review and repair by staff: everything is shown, nothing is typed over, and changes go through the same verbs."""

from extractions.admin import choices, documents, pieces

__all__ = ["choices", "documents", "pieces"]
