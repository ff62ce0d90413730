"""What goes beyond one row: a file, another table. One function, one transaction."""
