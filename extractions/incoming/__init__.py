"""Documents that come in by themselves: watched folders, mailboxes, next steps. Run by the worker; pages show them."""
