"""Apps of Wagtail with screens of ours. Not in academy.apps: Django looks there for the one configuration of academy."""

from wagtail.users.apps import WagtailUsersAppConfig


class PeopleInTheCMS(WagtailUsersAppConfig):
    """Wagtail's app with our screens."""

    user_viewset = "academy.people.PersonViewSet"
