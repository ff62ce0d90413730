"""Where on the page a value stands, and how sure that is. Pure: no Django."""
