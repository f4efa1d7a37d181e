"""Who is signed in, and what they may: allauth's own backend, with the person and their groups read in one prepared query instead of two,
and their permissions in another."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from academy.models import User
from academy.prepared import Later, Prepared, columns_of, objects_of

PERSON = Later("person", User._meta.pk)
_person = Prepared(lambda: User.objects.filter(pk=PERSON).values_list(*columns_of(User), "groups__name"))


@Prepared
def _permissions():
    groups = User.groups.through.objects.filter(user=PERSON).values("group")
    by_group = Group.permissions.through.objects.filter(group__in=groups).values("permission")
    own = User.user_permissions.through.objects.filter(user=PERSON).values("permission")
    found = Permission.objects.filter(Q(pk__in=by_group) | Q(pk__in=own))
    return found.order_by().values_list("content_type__app_label", "codename")


class PeopleBackend(AuthenticationBackend):
    def get_user(self, user_id):
        rows = _person.rows(person=user_id)
        if not rows:
            return None
        user = objects_of(User, rows[:1])[0]
        user.roles = frozenset(row[-1] for row in rows if row[-1])
        return user if self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        """As Django's, kept on the person for one request. A superuser has them all, which Django asks in its own way."""
        if obj is not None or user_obj.is_anonymous or not user_obj.is_active or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{name}" for app, name in _permissions.rows(person=user_obj.pk)}
        return user_obj._perm_cache
