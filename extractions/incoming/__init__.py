"""Documents that come in by themselves: watched folders. The worker runs this; pages only show and configure it."""
