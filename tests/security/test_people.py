"""People in the CMS: invited by mail, and no way to more power than one has."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.models import Message, User
from tests.factories.academy import UserFactory

ADD = "/cms/users/new/"


def answers(**changes) -> dict:
    return {
        "name": "Nora New",
        "email": "Nora@Example.org",
        "language": "fr",
        "country": "BE",
        "time_zone": "Europe/Brussels",
        **changes,
    }


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def edit(person: User) -> str:
    return reverse("wagtailusers_users:edit", args=[person.pk])


def invite(client, django_capture_on_commit_callbacks, **changes) -> User:
    with django_capture_on_commit_callbacks(execute=True):
        client.post(ADD, answers(**changes))
    return User.objects.get(email="nora@example.org")


def test_invited_person_chooses_a_password_and_gets_in(client_for, coordinator, client, django_capture_on_commit_callbacks):
    person = invite(client_for(coordinator), django_capture_on_commit_callbacks, groups=[group("Trainers").pk])
    assert not person.has_usable_password()
    assert (person.name, person.language, person.roles) == ("Nora New", "fr", {"Trainers"})
    [message] = mail.outbox
    assert message.to == ["nora@example.org"]
    assert message.subject.startswith("Votre compte") or "account" in message.subject
    link = re.search(r"http://[^\s]+/password/reset/key/[^\s]+", message.body)[0].partition("8000")[2]
    chosen = {"password1": "a long password here", "password2": "a long password here"}
    client.post(client.get(link).headers["Location"], chosen)
    client.post(reverse("account_login"), {"login": "nora@example.org", "password": chosen["password1"]})
    assert client.session["_auth_user_id"] == str(person.pk)
    assert len([sent for sent in mail.outbox if "confirm" in sent.subject.lower()]) == 0


def test_secret_link_is_kept_nowhere(client_for, coordinator, django_capture_on_commit_callbacks):
    invite(client_for(coordinator), django_capture_on_commit_callbacks)
    assert not Message.objects.filter(body_text__contains="/reset/key/").exists()


def test_link_proves_no_other_address(client_for, coordinator, client, django_capture_on_commit_callbacks):
    """Somebody who has proved another address does not get this one with it."""
    person = invite(client_for(coordinator), django_capture_on_commit_callbacks)
    EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    client.post(reverse("account_reset_password"), {"email": "second@example.org"})
    link = re.search(r"http://[^\s]+/password/reset/key/[^\s]+", mail.outbox[-1].body)[0].partition("testserver")[2]
    client.post(client.get(link).headers["Location"], {"password1": "a long password here", "password2": "a long password here"})
    assert not EmailAddress.objects.filter(email="nora@example.org", verified=True).exists()


def test_coordinator_makes_no_administrator_and_no_coordinator(client_for, coordinator, django_capture_on_commit_callbacks):
    person = invite(client_for(coordinator), django_capture_on_commit_callbacks, is_superuser="on", password1="x" * 12, password2="x" * 12)
    assert (person.is_superuser, person.has_usable_password()) == (False, False)
    client_for(coordinator).post(edit(person), answers(is_superuser="on", is_active="on", groups=[group("Coordinators").pk]))
    person = User.objects.get(pk=person.pk)
    assert (person.is_superuser, person.roles) == (False, frozenset())


@pytest.mark.parametrize("route", ["edit", "delete", "history", "usage"])
def test_administrator_is_out_of_reach_of_a_coordinator(client_for, coordinator, admin_user, route):
    address = reverse(f"wagtailusers_users:{route}", args=[admin_user.pk])
    client = client_for(coordinator)
    assert client.get(address).status_code == 302
    client.post(address, answers(email="mine@example.org", is_active=""))
    kept = User.objects.get(pk=admin_user.pk)
    assert (kept.email, kept.is_active, kept.is_superuser) == (admin_user.email, True, True)


def test_coordinator_does_not_touch_another_coordinator(client_for, coordinator):
    other = UserFactory(name="Colleague")
    other.groups.add(group("Coordinators"))
    client_for(coordinator).post(edit(other), answers(email=other.email, is_active=""))
    assert User.objects.get(pk=other.pk).is_active


@pytest.mark.parametrize(
    ("action", "form"), [("set_active_state", {"mark_as_active": "False"}), ("assign_role", {"role": "Coordinators"}), ("delete", {})]
)
def test_bulk_actions_stop_at_an_administrator(client_for, coordinator, admin_user, promoter, action, form):
    if "role" in form:
        form = {"role": group(form["role"]).pk}
    address = f"/cms/bulk/academy/user/{action}/?id={admin_user.pk}&id={promoter.pk}"
    client_for(coordinator).post(address, form)
    for person in User.objects.filter(pk__in=[admin_user.pk, promoter.pk]):
        assert (person.is_active, person.roles) == (True, frozenset())
    assert User.objects.filter(pk__in=[admin_user.pk, promoter.pk]).count() == 2


def test_bulk_action_of_a_coordinator_gives_a_role_that_is_theirs_to_give(client_for, coordinator, promoter):
    address = f"/cms/bulk/academy/user/assign_role/?id={promoter.pk}"
    client_for(coordinator).post(address, {"role": group("Reviewers").pk})
    assert User.objects.get(pk=promoter.pk).roles == {"Reviewers"}
    client_for(coordinator).post(address, {"role": group("Coordinators").pk})
    assert User.objects.get(pk=promoter.pk).roles == {"Reviewers"}


def test_roles_that_are_not_theirs_to_give_stay(client_for, coordinator, promoter):
    special = Group.objects.create(name="Board")
    promoter.groups.add(special)
    client_for(coordinator).post(edit(promoter), answers(email=promoter.email, is_active="on", groups=[group("Trainers").pk]))
    assert User.objects.get(pk=promoter.pk).roles == {"Board", "Trainers"}


def test_change_of_roles_is_in_the_history(client_for, admin_user, promoter):
    client_for(admin_user).post(edit(promoter), answers(email=promoter.email, is_active="on", groups=[group("Coordinators").pk]))
    line = ModelLogEntry.objects.for_instance(promoter).get(action="academy.change_roles")
    assert (line.user, line.data) == (admin_user, {"given": ["Coordinators"], "taken": []})
    shown = client_for(admin_user).get(reverse("wagtailusers_users:history", args=[promoter.pk])).content.decode()
    assert "+ Coordinators" in shown


def test_nobody_gives_themselves_a_role(client_for, coordinator):
    client_for(coordinator).post(edit(coordinator), answers(email=coordinator.email, is_active="on", groups=[group("Trainers").pk]))
    assert User.objects.get(pk=coordinator.pk).roles == {"Coordinators"}


def test_address_of_somebody_who_signed_in_is_theirs(client_for, admin_user, promoter):
    promoter.last_login = timezone.now()
    promoter.save(update_fields=["last_login"])
    client_for(admin_user).post(edit(promoter), answers(email="taken-over@example.org", is_active="on"))
    assert User.objects.get(pk=promoter.pk).email == "promoter@example.org"


def test_mistyped_address_is_corrected_and_invited_again(client_for, admin_user, promoter, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_for(admin_user).post(edit(promoter), answers(email="right@example.org", is_active="on"))
    assert [message.to for message in mail.outbox] == [["right@example.org"]]


def test_list_and_form_show_what_we_know_of_people(client_for, admin_user, coordinator, trainer, django_assert_max_num_queries):
    client = client_for(coordinator)
    client.get("/cms/users/")
    with django_assert_max_num_queries(25):
        content = client.get("/cms/users/?q=Tom").content.decode()
    assert "Tom Trainer" in content
    assert "Ada Admin" not in content
    form = client.get(ADD).content.decode()
    assert 'name="time_zone"' in form
    assert not re.search(r'name="(password1|is_superuser|first_name)"', form)
    assert client_for(trainer).get("/cms/users/").status_code == 302


def test_account_page_of_the_cms_asks_for_no_second_name(client_for, coordinator):
    client = client_for(coordinator)
    content = client.get("/cms/account/").content.decode()
    assert not re.search(r'name="(name_email|avatar|locale|password)-', content)
    assert reverse("account_profile") in content
    assert client.post("/cms/account/", {"theme-theme": "dark", "theme-density": "default", "theme-contrast": "system"}).status_code == 302
    assert User.objects.get(pk=coordinator.pk).name == "Cora Coordinator"


# --- staff and the second factor (decision 0011)


def test_staff_are_asked_on_their_account_page_and_promoters_are_not(client_for, trainer, promoter):
    asked = 'class="callout'
    assert asked in client_for(trainer).get(reverse("account_profile")).content.decode()
    assert asked not in client_for(promoter).get(reverse("account_profile")).content.decode()
    TOTP.activate(trainer, generate_totp_secret())
    assert asked not in client_for(trainer).get(reverse("account_profile")).content.decode()


def test_installation_may_require_it(client_for, reviewer, promoter, settings):
    settings.REQUIRE_STAFF_MFA = True
    client = client_for(reviewer)
    for address in ("/cms/", "/en/review/", "/en/"):
        assert client.get(address).headers["Location"] == reverse("mfa_index")
    assert client.get(reverse("account_profile")).status_code == 200
    assert client_for(promoter).get("/en/sessions/").status_code == 200
    TOTP.activate(reviewer, generate_totp_secret())
    assert client.get("/en/review/").status_code == 200


def test_not_required_by_default(client_for, reviewer, trainer):
    assert client_for(reviewer).get("/en/review/").status_code == 200
    assert client_for(trainer).get("/cms/").status_code == 200


def test_reviewers_are_asked_on_their_own_page(client_for, reviewer):
    client = client_for(reviewer)
    assert 'class="callout' in client.get("/en/review/").content.decode()
    TOTP.activate(reviewer, generate_totp_secret())
    assert 'class="callout' not in client.get("/en/review/").content.decode()


def test_reviewers_stay_out_of_the_cms(client_for, reviewer):
    """Decision 0014: no screen of Wagtail's is theirs, and nobody sends them there."""
    client = client_for(reviewer)
    assert client.get("/cms/", follow=True).redirect_chain[-1][0] == "/fr/my/"
    assert not reviewer.get_group_permissions()
    assert "/cms/" not in client.get("/en/my/").content.decode()


def test_reviewer_who_curates_too_comes_in(client_for, reviewer):
    reviewer.groups.add(Group.objects.get(name="Trainers"))
    assert client_for(reviewer).get("/cms/").status_code == 200


# --- the log of everything


@pytest.mark.parametrize(
    "address", ["/cms/reports/site-history/", "/cms/reports/site-history/results/", "/cms/reports/site-history/?export=csv"]
)
def test_log_of_everything_is_for_administrators(client_for, admin_user, coordinator, trainer, reviewer, address):
    assert [client_for(person).get(address).status_code for person in (admin_user, coordinator, trainer, reviewer)] == [200, 302, 302, 302]
    assert "site-history" not in client_for(coordinator).get("/cms/").content.decode()
