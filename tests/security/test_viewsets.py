"""Every viewset of ours guards its rows: a person who may change the model does not thereby open every row."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.admin.viewsets import viewsets

from academy.admin import GuardedModelViewSet
from cohorts.models import Project, Session
from tests.factories import cohorts as make

OURS = ("academy.", "wiki.", "courses.", "cohorts.")
ROUTES = ("edit", "delete", "history", "usage")


def registered():
    """The registered viewsets, those inside groups included."""
    found = []
    for viewset in viewsets.viewsets:
        found += getattr(viewset, "registerables", [viewset])
    return found


def test_viewsets_of_our_models_are_guarded(admin_user, client_for):
    client_for(admin_user).get("/cms/")  # registers the viewsets
    plain = [
        type(viewset).__name__
        for viewset in registered()
        if type(viewset).__module__.startswith(OURS)
        and hasattr(viewset, "edit_view_class")
        and not isinstance(viewset, GuardedModelViewSet)
    ]
    assert plain == []


@pytest.fixture
def stranger(other_promoter):
    """Somebody who may change every kind of row of cohorts, and is linked to none."""
    group = Group.objects.create(name="Strangers")
    group.permissions.set(Permission.objects.filter(content_type__app_label="cohorts"))
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    other_promoter.groups.add(group)
    return other_promoter


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", ["projects", "sessions"])
def test_row_is_closed_to_a_stranger_who_may_change_the_model(client_for, stranger, name, route):
    row = make.ProjectFactory() if name == "projects" else make.SessionFactory(cohorts=[make.CohortFactory()])
    address = reverse(f"{name}:{route}", args=[row.pk])
    assert client_for(stranger).get(address).status_code == 404
    assert client_for(stranger).post(address).status_code in (404, 405)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("route", ROUTES)
def test_row_opens_for_a_coordinator(client_for, coordinator, route):
    project = make.ProjectFactory()
    expected = 302 if route == "delete" else 200  # nobody deletes a project: what happened to it is kept
    assert client_for(coordinator).get(reverse(f"projects:{route}", args=[project.pk])).status_code == expected


@pytest.mark.parametrize("model", [Project, Session], ids=lambda model: model.__name__)
def test_trainer_reads_and_does_not_change(client_for, trainer, model):
    row = make.ProjectFactory() if model is Project else make.SessionFactory(cohorts=[make.CohortFactory()])
    name = "projects" if model is Project else "sessions"
    client = client_for(trainer)
    client.post(reverse(f"{name}:edit", args=[row.pk]), {"name": "Taken over", "place": "Elsewhere"})
    assert model.objects.get(pk=row.pk).place == row.place


def test_list_and_export_show_only_readable_rows(client_for, stranger, promoter):
    mine, other = make.ProjectFactory(name="Mine alone"), make.ProjectFactory(name="Somebody else's")
    make.ProjectMemberFactory(project=mine, person=stranger)
    client = client_for(stranger)
    for address in (reverse("projects:index"), reverse("projects:index_results"), reverse("projects:index") + "?export=csv"):
        answer = client.get(address)
        shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert other.name.encode() not in shown
