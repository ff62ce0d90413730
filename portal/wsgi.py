"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from portal.request_encoding import reject_unknown_charset

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = reject_unknown_charset(get_wsgi_application())
