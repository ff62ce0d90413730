"""Review and repair by staff: everything is shown read-only, and changes go through the models' own verbs."""

from extractions.admin import audit_log, choices, documents, kept, operations, pieces, team_settings, work

__all__ = ["audit_log", "choices", "documents", "kept", "operations", "pieces", "team_settings", "work"]
