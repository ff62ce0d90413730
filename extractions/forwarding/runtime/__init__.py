"""The worker process: loop, thread pools, fairness, periodic tasks, heartbeat, Celery, and the guard against clones."""
