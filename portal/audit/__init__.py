"""The append-only audit log: who did what, when and from where. Entries hold no secrets and no document text."""
