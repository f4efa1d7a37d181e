"""The WSGI entry point that the production server loads."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from academy.env import WrongSetting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")

try:
    application = get_wsgi_application()
except WrongSetting as wrong:
    sys.exit(str(wrong))
