"""`manage.py task_worker`: does the tasks that wait in the database. gunicorn starts one; run more where one is not enough."""

import logging

from django_tasks_db.compat import TASKS_LOGGER
from django_tasks_db.management.commands import db_worker


class Command(db_worker.Command):
    help = "Runs the tasks that wait in the database, one after the other, until it is ended."

    def configure_logging(self, verbosity: int) -> None:
        """Only what went wrong is worth a line: an ordinary day has thousands of tasks."""
        for name in (TASKS_LOGGER, db_worker.logger.name):
            logging.getLogger(name).setLevel(logging.ERROR if verbosity < 2 else logging.INFO)
