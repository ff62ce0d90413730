"""The upload page: preview, progress of sent files, refusals, suggestions."""
