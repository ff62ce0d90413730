"""What people do with values: the queue, edits and their history, approvals, rules and policies of a team."""
