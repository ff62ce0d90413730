"""One document: explanations of its status, steps, fields, pages and history."""
