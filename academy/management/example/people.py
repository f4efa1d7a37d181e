"""The people of the example. Five of them can sign in; the others are only there."""

import secrets

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.management.base import CommandError

from academy.models import User

DOMAIN = "demo.example"
ACCOUNTS = ("promoter", "trainer", "reviewer", "coordinator", "admin")


def refuse_real_people() -> None:
    """Nothing invented where somebody real has an account, whoever they are."""
    real = User.objects.exclude(email__iendswith=f"@{DOMAIN}").count()
    if real:
        raise CommandError(
            f"Not done: {real} real {'person has' if real == 1 else 'people have'} an account here, and the example would mix with "
            f"their work. It goes only into a database where every account ends in @{DOMAIN}."
        )


def make_people(plan: dict) -> dict[str, User]:
    """Everybody of the plan, made when absent, by the part of the address before the at sign."""
    people = {}
    for name, words in plan.items():
        email = f"{name}@{DOMAIN}"
        person = User.objects.filter(email=email).first()
        if person is None:
            fields = {key: words[key] for key in ("name", "language", "country", "time_zone")}
            make = User.objects.create_superuser if name == "admin" else User.objects.create_user
            person = make(email, None, **fields)
            if words.get("role"):
                person.groups.add(Group.objects.get(name=words["role"]))
            EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        people[name] = person
    return people


def set_passwords(people: dict[str, User], wanted: str) -> str:
    """The one password of the five accounts: `wanted`, else one made now for those that have none. Empty: unchanged."""
    accounts = [people[name] for name in ACCOUNTS]
    if not wanted and all(person.has_usable_password() for person in accounts):
        return ""
    password = wanted or secrets.token_urlsafe(12)
    for person in accounts:
        if not person.check_password(password):
            person.set_password(password)
            person.save(update_fields=["password"])
    return password
