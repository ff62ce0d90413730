"""The web server: uvicorn handles connections and HTTP, a bounded thread pool runs the WSGI application.

Slow clients occupy the event loop only, never a thread: the application is called once the request has been received
completely, and its response is sent at the pace of the client. All limits are in `limits.Limits`.
"""

from portal.serving.server import serve

__all__ = ["serve"]
