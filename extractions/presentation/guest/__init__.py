"""What people without an account see of a document that was shared with them."""
