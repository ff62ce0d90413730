"""Guest links: what people without an account see, and what they do not."""
