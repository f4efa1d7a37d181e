"""What promoters, reviewers and the desk type. State is never a field."""

from __future__ import annotations

import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from academy.countries import country_choices
from cohorts.models import Project, ProjectInvitation

COUNTRY_UNSAID = [("", _("Choose a country"))]


def _countries() -> list[tuple[str, object]]:
    return [*COUNTRY_UNSAID, *country_choices()]


TURNING = dict.fromkeys((*range(8234, 8239), *range(8294, 8298)))  # they turn what stands after a name around, too
BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs of which nothing is seen


class NameField(forms.CharField):
    """The name of a project: on one line, in any script, with something to see and to click on."""

    def to_python(self, value):
        return " ".join(super().to_python(value).translate(TURNING).split())

    def validate(self, value):
        super().validate(value)
        if value and not any(unicodedata.category(one)[0] in "LNSP" for one in value if one not in BLANK):
            raise forms.ValidationError(_("Nothing of this name can be seen: write it in letters or figures."), code="unseen")


class StartForm(forms.Form):
    """The first two answers, enough to open a draft. With projects already, one of them may be chosen instead."""

    use_required_attribute = False

    project = forms.ModelChoiceField(Project.objects.none(), label=_("Which project?"), required=False, empty_label=_("A new project"))
    name = NameField(label=_("Name of the project"), max_length=120, required=False, help_text=_("It may change later."))
    country = forms.ChoiceField(label=_("Country where it acts"), choices=_countries, required=False)

    def __init__(self, *args, projects=None, **kwargs):
        super().__init__(*args, **kwargs)
        if projects:
            self.fields["project"].queryset = projects
        else:
            del self.fields["project"]
            self.fields["name"].required = True
            self.fields["country"].required = True

    def clean(self):
        found = super().clean()
        if found.get("project") is None and "project" in self.fields:
            for name in ("name", "country"):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, _("A new project needs this."))
        return found


class InviteForm(forms.Form):
    """Somebody to work with, by their address."""

    use_required_attribute = False

    email = forms.EmailField(label=_("E-mail address of the person"), help_text=_("They receive a link, and join when they open it."))
    role = forms.ChoiceField(label=_("What they may do"), choices=ProjectInvitation.Role, initial="member", widget=forms.RadioSelect)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


LATE_REASON_WANTED = _("The last day is over. Say in a few words why it comes late: the coordinator reads it.")


class LateForm(forms.Form):
    """Asked once the last day is over."""

    use_required_attribute = False

    late_reason = forms.CharField(
        label=_("Why does it come late?"),
        help_text=_("The last day is over: it is taken with a few words, that the coordinator reads. Everything else is as usual."),
        error_messages={"required": LATE_REASON_WANTED},
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WithdrawForm(ReasonForm):
    reason = forms.CharField(
        label=_("Why? It helps us to do better."), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class LeaveForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why do you leave?"),
        help_text=_("A sentence is enough. The coordinator and your mentor read it."),
        error_messages={"required": _("Say in a sentence why you leave.")},
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InterestForm(forms.Form):
    """Asked before anything of the application is shown."""

    NONE, CONFLICT = "none", "conflict"
    use_required_attribute = False

    answer = forms.ChoiceField(
        label=_("Do you have an interest in this project?"),
        help_text=_("You know its people closely, you work or have worked with it, you would gain or lose by the decision."),
        choices=[
            (NONE, _("No. I can judge it freely, and I accept to read it.")),
            (CONFLICT, _("Yes, I have an interest. Close this application to me.")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("If yes: what is it?"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self):
        found = super().clean()
        if found.get("answer") == self.CONFLICT and not found.get("reason", "").strip():
            self.add_error("reason", _("Say in a few words what the interest is. Only coordinators read it."))
        return found


class LateInterestForm(forms.Form):
    """For somebody who finds while reading that they know the project."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("What is your interest in this project?"),
        help_text=_("In a few words. Only coordinators read it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DiscussForm(forms.Form):
    """One contribution to the discussion of an application, by a coordinator or a reader."""

    words = forms.CharField(label=_("What you want to say to those who decide"), widget=forms.Textarea(attrs={"rows": 4}), max_length=8000)
