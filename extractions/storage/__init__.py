"""The file store: whether it is mounted and ours, and durable writes."""
