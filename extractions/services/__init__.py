"""Verbs on documents that are there already: bulk actions, moves, recovery, a team's own connection and schemas."""
