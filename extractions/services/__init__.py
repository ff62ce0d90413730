"""Verbs on documents that are there already: bulk actions, moves, recovery, and a team's own connection."""
