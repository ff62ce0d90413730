"""The site: what every page needs, and the people who use it."""
