"""Proof sheets: what they say, and what tells a changed one."""
