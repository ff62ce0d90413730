"""`python -m tests.house`: what the code keeps to as a whole. Limits and exceptions stand in pyproject.toml."""
