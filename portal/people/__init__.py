"""Teams, memberships, roles, and the first-run setup."""
