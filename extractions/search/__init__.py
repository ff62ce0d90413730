"""Which documents somebody asked for, and how the database finds them without reading all."""
