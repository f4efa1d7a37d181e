"""What comes in by HTTP about learning; everything after this is plain values."""

import re

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.exchange.reading import LARGEST
from courses.exchange.stream import Together
from courses.models import Submission

PREFIX = "q-"
LONGEST_WORK = 50_000


class ProgressForm(forms.Form):
    """One event of one open tab."""

    client = forms.RegexField(r"^[A-Za-z0-9-]{1,40}$")
    sequence = forms.IntegerField(min_value=0, max_value=10_000_000)
    progress = forms.FloatField(required=False, min_value=0, max_value=1)
    position = forms.CharField(required=False, max_length=100)
    seconds = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)
    age = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)

    def event(self) -> dict:
        data = self.cleaned_data
        return {**data, **{name: data[name] or 0 for name in ("progress", "seconds", "age")}}


_CLIENT, _WHOLE, _SHARE = re.compile(r"[A-Za-z0-9-]{1,40}"), re.compile(r"[0-9]{1,7}"), re.compile(r"0|1|[01]\.0{1,9}|0\.[0-9]{1,9}")


def plain_event(post: QueryDict) -> dict | None:
    """An event as the script writes it, read without a form: it comes every two seconds from every reader. None: let the form look at it."""
    client, sequence = post.get("client", ""), post.get("sequence", "")
    progress, position, seconds = post.get("progress", "") or "0", post.get("position", ""), post.get("seconds", "") or "0"
    age = post.get("age", "") or "0"
    is_plain = _CLIENT.fullmatch(client) and all(map(_WHOLE.fullmatch, (sequence, seconds, age))) and _SHARE.fullmatch(progress)
    if not is_plain or len(position) > 100 or "\0" in position:
        return None
    told = {"progress": float(progress), "position": position.strip(), "seconds": int(seconds), "age": int(age)}
    return {"client": client, "sequence": int(sequence), **told}


class SaveForm(forms.Form):
    """Which tab saves answers, for the how-manieth time, and how many seconds they had to wait; all empty without script."""

    client = forms.RegexField(r"^[A-Za-z0-9-]{1,40}$", required=False)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)
    age = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)

    def order(self) -> dict:
        data = self.cleaned_data
        return {"client": data["client"] or "", "sequence": data["sequence"] or 0, "age": data["age"] or 0}

    @property
    def written(self) -> dict:
        """The answers, as the verbs take them: of the questions `touched` in this tab, which the script names, else of the whole form.

        A form that does not say which edition it shows was made when nothing was saved.
        """
        answers, touched = answers_in(self.data), self.data.get("touched")
        if touched is None:
            return {"answers": answers, "touched_only": False, "edition": self.data.get("edition", "")}
        keys = [name.removeprefix(PREFIX) for name in touched.split(",") if name]
        return {"answers": {key: answers.get(key, []) for key in keys}, "touched_only": True, "edition": None}

    @property
    def typed(self) -> dict[str, list[str]]:
        """What the form holds, without what is empty."""
        return {key: [one for one in given if one.strip()] for key, given in self.written["answers"].items()}


class ReasonForm(forms.Form):
    """Why staff do what they do."""

    reason = forms.CharField(label=_("Why? It is kept in the history."), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ChangeForm(forms.Form):
    """What changed, in one sentence for each language of the site."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            label = _("What changed, in one sentence (%(language)s)") % {"language": gettext(name)}
            self.fields[code] = forms.CharField(label=label, max_length=300, widget=forms.Textarea(attrs={"rows": 2, "lang": code}))

    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code, _name in settings.LANGUAGES}


class AllowanceForm(ReasonForm):
    """What one person is allowed at one quiz, on top of its rules."""

    field_order = ["attempts", "minutes", "without_waiting", "reason"]

    attempts = forms.IntegerField(label=_("More attempts"), required=False, min_value=0, max_value=20, initial=1)
    minutes = forms.IntegerField(label=_("More minutes in each attempt"), required=False, min_value=0, max_value=600, initial=0)
    without_waiting = forms.BooleanField(label=_("Need not wait between attempts"), required=False)

    def clean(self) -> dict:
        data = super().clean()
        return {**data, "attempts": data.get("attempts") or 0, "minutes": data.get("minutes") or 0}


class MarkForm(forms.Form):
    """One long text of an attempt: what it is worth and what to tell. Empty: marked later."""

    percent = forms.IntegerField(label=_("Worth, from 0 to 100 %"), required=False, min_value=0, max_value=100)
    comment = forms.CharField(
        label=_("What you tell the learner"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("comment") and data.get("percent") is None and not self.errors:
            self.add_error("percent", _("Say what the text is worth too: the comment is sent with it."))
        return data


def answers_in(post: QueryDict) -> dict[str, list[str]]:
    """`q-<question>` → the answers chosen. Whether they belong to the attempt is for grading to say."""
    return {name.removeprefix(PREFIX): post.getlist(name) for name in post if name.startswith(PREFIX)}


class WorkForm(forms.Form):
    """What is written for an assignment. `edition` is what was on the screen; `client` and `sequence` name the tab, with script only."""

    text = forms.CharField(
        label=_("Your text"),
        required=False,
        max_length=LONGEST_WORK,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "data-academy-counted": ""}),
    )
    link = forms.URLField(
        label=_("A link to your work"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("The whole address. Make sure that a trainer can open it."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    edition = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    client = forms.RegexField(r"^[A-Za-z0-9-]{1,40}$", required=False)
    sequence = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)

    def __init__(self, *args, takes: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"text", "link"} - set(takes):
            del self.fields[name]

    def written(self, before: Submission | None) -> dict:
        """What can be kept: an address that is none stays on the screen, and the one before stays saved; so does what is not asked for any more."""
        data, text, link = self.cleaned_data, before.text if before else "", before.link if before else ""
        order = {"edition": data.get("edition") or 0, "client": data.get("client") or "", "sequence": data.get("sequence") or 0}
        link = data.get("link", link) if "link" not in self.errors else link
        if "text" not in self.fields and self.data.get("text"):  # written before the assignment stopped asking for it
            text = self.data["text"].replace("\0", "")[:LONGEST_WORK]
        return {"text": data.get("text", text), "link": link, **order}


class HandInForm(forms.Form):
    edition = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it late?"),
        required=False,
        max_length=500,
        help_text=_("The trainer reads it beside your work."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MoreTimeForm(ReasonForm):
    """Until which day, whose end counts."""

    field_order = ["until", "reason"]

    until = forms.DateField(label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}))


class FeedbackForm(forms.Form):
    """A trainer's answer to one version: a verdict, words, and with a rubric a level for each criterion."""

    verdict = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("What you tell the learner"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 8})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, verdicts: list[str], rubric: list[dict], **kwargs):
        super().__init__(*args, **kwargs)
        self.rubric = rubric
        words = {"accepted": _("Accept it"), "to_improve": _("Ask to improve it and hand it in again"), "declined": _("Do not accept it")}
        self.fields["verdict"].choices = [(verdict, words[verdict]) for verdict in verdicts]
        for one in rubric:
            levels = [(level["id"], f"{level['name']} ({level['points']})") for level in one["levels"]]
            self.fields[f"level-{one['id']}"] = forms.ChoiceField(
                label=one["name"], choices=levels, required=False, widget=forms.RadioSelect
            )
            self.fields[f"note-{one['id']}"] = forms.CharField(
                label=_("About ‘%(criterion)s’") % {"criterion": one["name"]},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def criteria(self) -> list[tuple]:
        """Each criterion with its levels and the two questions about it."""
        return [(one, self[f"level-{one['id']}"], self[f"note-{one['id']}"]) for one in self.rubric]

    def answer(self) -> dict:
        data = self.cleaned_data
        marks = {one["id"]: {"level": data[f"level-{one['id']}"], "comment": data[f"note-{one['id']}"].strip()} for one in self.rubric}
        return {
            "verdict": data["verdict"],
            "comment": data["comment"],
            "seen": data["seen"],
            "marks": {key: mark for key, mark in marks.items() if mark["level"] or mark["comment"]},
        }


class BringQuestionsForm(forms.Form):
    """A file of questions, or the same as text."""

    file = forms.FileField(label=_("A file (GIFT, Moodle XML or CSV)"), required=False)
    text = forms.CharField(
        label=_("or text to paste"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def clean(self) -> dict:
        data = super().clean()
        file, text = data.get("file"), (data.get("text") or "").strip()
        if not self.errors and bool(file) == bool(text):
            said = _("Choose a file or paste the text, not both.") if file else _("Choose a file, or paste the text.")
            self.add_error("file", said)
        if file and file.size > LARGEST:
            self.add_error("file", _("This file is too large: %(most)d MB is the most.") % {"most": LARGEST // 1024**2})
        return data

    def brought(self) -> tuple[str, bytes]:
        """Its name, and its content."""
        file = self.cleaned_data["file"]
        return (file.name, file.read()) if file else (gettext("pasted text"), self.cleaned_data["text"].encode())


class TakeQuestionsForm(forms.Form):
    """Which questions of a file, and how they stand in the quiz. `known` are the places of those that are there already."""

    EACH, POOL, CATEGORIES = "each", "pool", "categories"
    how = forms.ChoiceField(label=_("How they are asked"), widget=forms.RadioSelect, initial=EACH)
    draw = forms.IntegerField(
        label=_("How many are asked of a pool"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Drawn by lot for each attempt."),
    )

    def __init__(self, *args, known: frozenset[int], categories: list[str], count: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.count = known, count
        hows = [(self.EACH, _("One after the other")), (self.POOL, _("As one pool, from which some are asked"))]
        if len(categories) > 1:
            hows.append((self.CATEGORIES, _("As a pool for each category of the file")))
        self.fields["how"].choices = hows

    def chosen(self) -> frozenset[int]:
        """What is ticked: what the person ticked; before that, everything that is new."""
        if not self.is_bound:
            return frozenset(range(self.count)) - self.known
        return frozenset(int(one) for one in self.data.getlist("take") if one.isascii() and one.isdigit() and len(one) < 5)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("how") in (self.POOL, self.CATEGORIES) and data.get("draw") is None and "draw" not in self.errors:
            self.add_error("draw", _("Say how many of them are asked."))
        return data

    def choices(self) -> dict:
        """What the action takes. Ticking a question that was shown as already here is asking for it again."""
        data, chosen = self.cleaned_data, self.chosen()
        shown = frozenset(int(one) for one in self.data.getlist("here") if one.isascii() and one.isdigit() and len(one) < 5)
        pooled = data["how"] != self.EACH
        together = Together(draw=data["draw"] if pooled else None, per_category=data["how"] == self.CATEGORIES)
        return {"chosen": chosen, "again": chosen & shown, "together": together}
