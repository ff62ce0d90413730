"""Proves that a text is nowhere: in rows, the bytes of the database, its search index, files and archives."""
