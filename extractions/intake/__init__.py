"""From upload to row: receiving, inspection, drafts, budget, submission."""
