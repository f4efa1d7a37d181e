"""The verbs of a partnership inside the CMS: its support plan, and the versions of its agreements."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from academy.cms_verbs import Verb, words
from academy.fields import LocalizedTextFormField
from academy.models import User
from academy.permissions import COORDINATORS, TRAINERS
from cohorts import actions
from cohorts.cms_verbs import ReasonForm
from cohorts.models import Agreement, Partnership, SupportPlanItem, TypologyTerm
from courses.uploads import taken

OTHER = "other"


def people_of_both(row: Partnership):
    """Who may see to something: the team, and the people of the project."""
    team = Q(groups__name__in=[COORDINATORS, TRAINERS])
    return User.objects.filter(team | Q(project_memberships__project=row.project_id), is_active=True).distinct()


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Who sees to it (optional)"), queryset=User.objects.none(), required=False)
    due_on = forms.DateField(label=_("Until (optional)"), required=False, widget=AdminDateInput)

    def __init__(self, *args, row: Partnership, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of_both(row)


class AddItemForm(OwnerForm):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=TypologyTerm.Kind.choices, help_text=_("The project owes what is expected in return.")
    )
    what = LocalizedTextFormField(label=_("What"), max_length=1000)
    field_order = ["kind", "what"]


class ItemForm(forms.Form):
    """Chooses one open line of the plan."""

    item = forms.ModelChoiceField(label=_("Line of the plan"), queryset=SupportPlanItem.objects.none())

    def __init__(self, *args, row: Partnership, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = row.plan.filter(state=SupportPlanItem.State.OPEN)
        self.fields["item"].label_from_instance = lambda one: f"{one.get_owed_by_display()}: {one.what}"


class ChangeItemForm(ItemForm):
    owner, due_on = OwnerForm.base_fields["owner"], OwnerForm.base_fields["due_on"]

    def __init__(self, *args, row: Partnership, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.fields["owner"].queryset = people_of_both(row)


class FinishItemForm(ItemForm):
    note = forms.CharField(label=_("Note (optional)"), widget=words(2), required=False, max_length=4000)


class DropItemForm(ItemForm):
    reason = forms.CharField(label=_("Reason, said to the project"), widget=words(), max_length=4000)


class KeepAgreementForm(forms.Form):
    document = forms.ChoiceField(label=_("Which document"))
    title = LocalizedTextFormField(label=_("Title, for another document"), required=False, max_length=200)
    file = forms.FileField(label=_("File"))

    def __init__(self, *args, row: Partnership, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = {}
        for one in row.agreements.order_by("number"):
            self.kept[str(one.document)] = one
        written = {str(dict(one.title)) for one in self.kept.values()}
        self.papers = {str(one.pk): one for one in row.typology.papers.all() if str(dict(one.title)) not in written}
        self.fields["document"].choices = [
            *((f"paper-{pk}", str(one.title)) for pk, one in self.papers.items()),
            *((key, gettext("New version of “%(title)s”") % {"title": one.title}) for key, one in self.kept.items()),
            (OTHER, _("Another document")),
        ]

    def clean(self):
        data = super().clean()
        chosen = data.get("document", "")
        if chosen == OTHER and not data.get("title"):
            self.add_error("title", _("Say which document it is."))
        return data | {"chosen": self.kept.get(chosen) or self.papers.get(chosen.removeprefix("paper-"))}


def _keep(row: Partnership, *, by: User, document: str, title, file, chosen) -> Agreement:
    if isinstance(chosen, Agreement):
        return actions.keep_agreement(row, by=by, brought=taken(file), replaces=chosen)
    return actions.keep_agreement(row, by=by, brought=taken(file), title=chosen.title if chosen else title)


class AgreementForm(forms.Form):
    """Chooses one version in the state that the verb asks for."""

    state = ""
    agreement = forms.ModelChoiceField(label=_("Which version"), queryset=Agreement.objects.none())

    def __init__(self, *args, row: Partnership, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = row.agreements.filter(state=self.state)


class SendForm(AgreementForm):
    state = Agreement.State.DRAFT


class SignedForm(AgreementForm):
    state = Agreement.State.SENT
    signed_on = forms.DateField(label=_("Signed by both on"), widget=AdminDateInput, initial=timezone.localdate)


def _change_item(row, *, by, item, owner, due_on):
    return actions.change_item(item, by=by, owner=owner, due_on=due_on)


def _finish(row, *, by, item, note):
    return actions.finish_item(item, by=by, note=note)


def _drop(row, *, by, item, reason):
    return actions.drop_item(item, by=by, reason=reason)


def _send(row, *, by, agreement):
    return actions.send_agreement(agreement, by=by)


def _signed(row, *, by, agreement, signed_on):
    return actions.sign_agreement(agreement, by=by, signed_on=signed_on)


def goes_on(row: Partnership, user: User) -> bool:
    return row.ended_at is None


def has_open_items(row: Partnership, user: User) -> bool:
    return goes_on(row, user) and row.plan.filter(state=SupportPlanItem.State.OPEN).exists()


def has_version(state: str):
    return lambda row, user: goes_on(row, user) and row.agreements.filter(state=state).exists()


PARTNERSHIP_VERBS = {
    verb.name: verb
    for verb in (
        Verb("finish-item", _("Record as given"), _finish, has_open_items, form=FinishItemForm, takes_row=True),
        Verb("change-item", _("Say who sees to it, until when"), _change_item, has_open_items, form=ChangeItemForm, takes_row=True),
        Verb("add-item", _("Add a line to the plan"), actions.add_item, goes_on, form=AddItemForm, takes_row=True),
        Verb("drop-item", _("Drop a line of the plan"), _drop, has_open_items, form=DropItemForm, takes_row=True),
        Verb(
            "keep-agreement",
            _("Keep a version of an agreement"),
            _keep,
            goes_on,
            form=KeepAgreementForm,
            takes_row=True,
            explanation=_("A draft, seen by coordinators only. Its file is never changed: a change is a new version."),
        ),
        Verb(
            "send-agreement",
            _("Send to the project"),
            _send,
            has_version(Agreement.State.DRAFT),
            form=SendForm,
            takes_row=True,
            explanation=_("The project is told by mail, and reads the file on the page of its partnership."),
        ),
        Verb(
            "sign-agreement",
            _("Both have signed"),
            _signed,
            has_version(Agreement.State.SENT),
            form=SignedForm,
            takes_row=True,
            explanation=_("From now on this version holds, and the one signed before is replaced."),
        ),
        Verb(
            "end",
            _("End the partnership"),
            actions.end_partnership,
            goes_on,
            form=ReasonForm,
            explanation=_(
                "The graduation and its certificates stay: only another decision takes them back. The project leaves the directory, reports no "
                "indicators any more, and is told."
            ),
            is_grave=True,
            writes=True,
        ),
    )
}
