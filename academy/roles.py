"""The groups and what they may, asserted from one place: by migration, and again by `manage.py setup`; never by hand.

Each app says what its roles may in its AppConfig: `role_permissions = {"Trainers": ["wiki.change_importsource", …]}`.
Page rights stand on the root of the tree: few groups on high nodes (stack.md §6).
"""

from django.apps import apps as installed
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from academy.permissions import COORDINATORS, REVIEWERS, ROLES, TRAINERS

PAGE_PERMISSIONS = {
    TRAINERS: ["add_page", "change_page", "publish_page", "lock_page", "unlock_page"],
    COORDINATORS: ["add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"],
    REVIEWERS: [],
}
# Wagtail asks for the rights of its own document and image, whatever the models of the project are
FILES = [
    f"{app}.{verb}_{model}"
    for app, model in (("wagtaildocs", "document"), ("wagtailimages", "image"))
    for verb in ("add", "change", "choose")
]
COLLECTION_PERMISSIONS = {TRAINERS: FILES, COORDINATORS: FILES, REVIEWERS: []}


def _wanted_model_permissions(role: str) -> set[str]:
    wanted = set() if role == REVIEWERS else {"wagtailadmin.access_admin"}
    for config in installed.get_app_configs():
        wanted |= set(getattr(config, "role_permissions", {}).get(role, []))
    return wanted


def _permission(dotted: str) -> Permission:
    app_label, codename = dotted.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


@transaction.atomic
def ensure_roles() -> list[Group]:
    """Creates the three groups and gives each exactly the permissions the apps declare. Idempotent.

    Raises Permission.DoesNotExist when an app declares a permission that does not exist (a typing mistake).
    """
    root = Page.objects.filter(depth=1).first()
    collection = Collection.get_first_root_node()
    groups = []
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set([_permission(name) for name in sorted(_wanted_model_permissions(role))])
        if root is not None:
            wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=PAGE_PERMISSIONS[role])
            GroupPagePermission.objects.filter(group=group, page=root).exclude(permission__in=wanted).delete()
            for permission in wanted:
                GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
        if collection is not None:
            wanted = [_permission(name) for name in COLLECTION_PERMISSIONS[role]]
            GroupCollectionPermission.objects.filter(group=group, collection=collection).exclude(permission__in=wanted).delete()
            for permission in wanted:
                GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
        groups.append(group)
    return groups
