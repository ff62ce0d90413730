"""A client of the portal, and of the extraction API whose dialect it speaks. It needs nothing but requests.

from client import Client

portal = Client("https://portal.example.com/api/0.8.1", token)
document = portal.wait(portal.upload("invoice.pdf", schema="Invoice"))
print(document.data)
"""

from client.api import Client
from client.errors import ApiError, Conflict, NotFound, Refused, TimedOut, Unavailable, Unclear
from client.objects import Document, Value

__all__ = [
    "ApiError",
    "Client",
    "Conflict",
    "Document",
    "NotFound",
    "Refused",
    "TimedOut",
    "Unavailable",
    "Unclear",
    "Value",
]
