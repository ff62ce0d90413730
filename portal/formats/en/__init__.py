"""English as in Britain: a month in letters cannot be mistaken for a day."""
