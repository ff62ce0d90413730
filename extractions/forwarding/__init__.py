"""Sent once, paid once, never lost: the API client (`api`), steps on one document (`steps`), the worker (`runtime`)."""
