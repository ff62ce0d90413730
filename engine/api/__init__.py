"""HTTP in and out: the documented API, its description, and the webhooks."""
