"""What evidence and rules say of the stored values of a document, and whether it needs a person."""
