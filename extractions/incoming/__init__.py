"""Documents that come in by themselves: watched folders and mailboxes. Run by the worker; pages only show them."""
