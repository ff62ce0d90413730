"""The read-only MCP server: what an agent may look up with an API token, and how it is served."""
