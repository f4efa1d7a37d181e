"""The example of `manage.py demo`: ten invented projects, walked through the verbs of the apps on days of the past."""
