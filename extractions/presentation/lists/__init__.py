"""The list of documents: rows, columns, filters, and whether anything on it changed."""
