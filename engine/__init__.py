"""A local server of the extraction API. It knows nothing of the portal."""
