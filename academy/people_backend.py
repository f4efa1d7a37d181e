"""Who is signed in: allauth's own backend, which reads the person and their groups in one prepared query instead of two."""

from allauth.account.auth_backends import AuthenticationBackend

from academy.models import User
from academy.prepared import Later, Prepared, columns_of, objects_of

_person = Prepared(lambda: User.objects.filter(pk=Later("pk", User._meta.pk)).values_list(*columns_of(User), "groups__name"))


class PeopleBackend(AuthenticationBackend):
    def get_user(self, user_id):
        rows = _person.rows(pk=user_id)
        if not rows:
            return None
        user = objects_of(User, rows[:1])[0]
        user.roles = frozenset(row[-1] for row in rows if row[-1])
        return user if self.user_can_authenticate(user) else None
