"""Idempotent steps on one row: send, reconcile, follow, finish, erase; and the sweep that recovers lost ones."""
