"""Who did what, when and from where. Lines are only ever added; none carries a secret or a document's text."""
