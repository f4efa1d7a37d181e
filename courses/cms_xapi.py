"""Who reads the feed of xAPI statements, in the CMS: coordinators make a token and take it back."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy.cms_verbs import crumbs
from academy.http import as_uuid
from academy.permissions import is_coordinator
from courses import actions
from courses.models import FeedToken


class TokenForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Who reads with it"), max_length=100)
    with_email = forms.BooleanField(
        label=gettext_lazy("People by their e-mail address"),
        required=False,
        help_text=gettext_lazy("Else by an opaque name: enough to count, not to know who. Give addresses only where people were told."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    if not is_coordinator(request.user):
        raise Http404
    form, secret = TokenForm(request.POST if request.POST.get("verb") == "make" else None), ""
    if request.method == "POST" and request.POST.get("verb") == "revoke":
        actions.revoke_feed_token(get_object_or_404(FeedToken, pk=as_uuid(request.POST.get("token"))), by=request.user)
        messages.success(request, _("Nothing is read with it any more."))
        return redirect("courses_xapi_tokens")
    if form.is_valid():
        _token, secret = actions.create_feed_token(form.cleaned_data["name"], with_email=form.cleaned_data["with_email"], by=request.user)
        form = TokenForm()
    base = settings.BASE_URL.rstrip("/")
    context = {
        "form": form,
        "secret": secret,
        "tokens": list(FeedToken.objects.select_related("created_by")),
        "feed": f"{base}{reverse('courses_xapi_feed')}",
        "keys": f"{base}{reverse('signing_keys')}",
        "header_title": _("xAPI feed"),
        "header_icon": "link-external",
        "breadcrumbs_items": crumbs((_("xAPI feed"), "")),
    }
    return render(request, "courses/cms/xapi.html", context)
