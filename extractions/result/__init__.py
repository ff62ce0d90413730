"""The extraction result as a tree: paths, schema, rows, current data. Pure functions of plain data."""
