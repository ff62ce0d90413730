"""Dashboard, credits, servers, connections and the worker, as people see them."""
