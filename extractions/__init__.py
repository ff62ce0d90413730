"""A document's life: received, sent, followed, shown, reviewed, exported."""
