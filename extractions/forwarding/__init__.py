"""The promise "sent once, paid once, never lost": client, gate, look, follow, sweep, worker. No request, no HTML."""
