"""What every template of the site may use."""

from django.http import HttpRequest

from academy.permissions import is_staff_member


def site(request: HttpRequest) -> dict:
    """`brand_name` and whether the CMS link is shown; lazy, so that a template that uses neither costs nothing."""
    return {"brand_name": "Smart Academy", "may_use_cms": lambda: is_staff_member(request.user)}
