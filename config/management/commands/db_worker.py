"""`db_worker`: the worker of django-tasks-db, which also notes that it lives (config/heartbeat.py)."""

from django_tasks_db.management.commands import db_worker

from config.heartbeat import beating


class Command(db_worker.Command):
    """Works off the queue until it is told to stop; `manage.py status` says when it was seen last."""

    def handle(self, **options):
        """Work, and be seen."""
        with beating():
            super().handle(**options)
