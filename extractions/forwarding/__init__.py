"""Sent once, paid once, never lost: `api` is the client, `steps` work on one document,
`webhooks` tell other programs, `runtime` is the worker."""
