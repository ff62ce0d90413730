"""Health checks and metrics, computed on request from the database."""
