"""Document search: parsing queries, executing them by index, full text, and what triggers maintain."""
