"""An account that somebody else made: its owner gets one mail, chooses a password, and has thereby proved the address.

And the last mail of an account that was closed. Neither is kept.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordKeyForm, default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override


class ChosenPasswordForm(ResetPasswordKeyForm):
    """A password chosen from the link in a mail. Who opened the mail owns its address: no second mail asks the same."""

    def save(self) -> None:
        super().save()
        prove_address(self.user)


def prove_address(user: Any) -> None:
    """Marks the address of somebody who has just used a link sent to it, when it can have been no other one."""
    email = user.email.lower()
    mine = EmailAddress.objects.filter(user=user)
    others = EmailAddress.objects.filter(email=email, verified=True).exclude(user=user)
    if mine.filter(verified=True).exists() or mine.exclude(email=email).exists() or others.exists():
        return
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})


def send_invitation(person: Any) -> None:
    """One mail with a link to choose a password, in the person's language; `PASSWORD_RESET_TIMEOUT` says how long it holds."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace("UID-KEY", key)
    context = {
        "user": person,
        "password_set_url": f"{settings.BASE_URL}{path}",
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        "again_url": f"{settings.BASE_URL}{reverse('account_reset_password')}",
    }
    with override(person.language):
        get_adapter().render_mail("account/email/invitation", person.email, context).send()  # `send_mail` would ask for a request


def send_farewell(address: str, language: str) -> None:
    """Says that the account is closed, to the address that it had: whoever did not want that knows it at once."""
    with override(language):
        get_adapter().render_mail("account/email/farewell", address, {"home_url": settings.BASE_URL}).send()
