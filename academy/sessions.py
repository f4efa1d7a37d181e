"""Sessions in the database, as Django's own; the one question that every signed-in page asks is prepared (academy.prepared)."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from academy.prepared import Later, Prepared

_data = Prepared(
    lambda: Session.objects.filter(
        session_key=Later("key", Session._meta.pk), expire_date__gt=Later("now", Session._meta.get_field("expire_date"))
    ).values_list("session_data")
)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls):
        return Session

    def load(self):
        rows = _data.rows(key=self.session_key, now=timezone.now()) if self.session_key else []
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])
