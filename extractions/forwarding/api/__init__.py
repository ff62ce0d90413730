"""The extraction API over HTTP: client, gated multipart body, deadline, tolerant parsing, errors."""
