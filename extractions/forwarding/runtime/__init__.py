"""The worker process: loop, thread pools, periodic tasks, scheduled backups, heartbeat, Celery."""
