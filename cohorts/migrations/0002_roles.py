"""Gives the groups what the apps declare (academy.roles). `manage.py setup` asserts the same again."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps, schema_editor):
    from academy.roles import ensure_roles  # the real models: permissions and groups have not changed since auth 0012

    for config in installed.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    ensure_roles()


def take(apps, schema_editor):
    """The groups stay, they are not ours to delete; they lose what this app gave."""
    from django.contrib.auth.models import Group, Permission

    ours = Permission.objects.filter(content_type__app_label="cohorts")
    for group in Group.objects.all():
        group.permissions.remove(*ours)


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0001_initial"),
        ("courses", "0001_initial"),
        ("academy", "0002_site"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("simple_translation", "0001_initial"),
    ]

    operations = [migrations.RunPython(give, take)]
