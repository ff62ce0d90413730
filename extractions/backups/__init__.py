"""Backups that check themselves: taken while everything runs, verified as a whole, restored on an empty machine."""
