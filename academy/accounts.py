"""How allauth makes and tells people: the seams it offers, nothing more."""

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from academy.cldr import reader_language


class AccountAdapter(DefaultAccountAdapter):
    """A new person keeps the language in which they signed up; our mails say that nobody typed them."""

    def save_user(self, request, user, form, commit=True):
        language = reader_language()
        user.language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit=commit)

    def is_safe_url(self, url):
        """Nobody is led to a place that would send them back here, for ever: to the CMS goes who may enter it."""
        user = self.request.user if self.request else None
        if user and user.is_authenticated and str(url).startswith("/cms/") and not user.has_perm("wagtailadmin.access_admin"):
            return False
        return super().is_safe_url(url)

    def render_mail(self, template_prefix, email, context, headers=None):
        return super().render_mail(template_prefix, email, context, headers={"Auto-Submitted": "auto-generated", **(headers or {})})


class SignUpForm(forms.Form):
    """What sign-up asks beside the address and the password."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "password1", "password2")

    def signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
