"""Documents as files for other programs: CSV, spreadsheet, JSON lines, and an archive with originals and pictures."""
