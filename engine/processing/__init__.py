"""Documents as work: taken in, queued, read in child processes, and erased."""
