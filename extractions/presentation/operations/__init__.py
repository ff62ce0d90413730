"""Dashboard, accuracy, audit log, credits, receipts, servers, webhooks, the worker: as people see them."""
