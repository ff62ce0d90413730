"""What the pages of the schema studio say."""
