"""The gallery at /ui/: every component with words that could be real, in both languages. For those who build."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from academy.ui import PILLARS, Series, Station

BRUSSELS = ZoneInfo("Europe/Brussels")

WORDS = {
    "fr": {
        "title": "Votre projet est en formation. Prochaine étape\u202f: financer votre venue à Bruxelles.",
        "lead": "Il vous reste deux modules, et Smart vous doit un retour sur votre monographie.",
        "stations": [
            ("Candidature", "acceptée le 12 mars", "done"),
            ("Évaluation d’entrée", "trois relectures", "done"),
            ("Formation en ligne", "6 modules sur 8", "here"),
            ("Rencontre 1", "14–16 mai, Bruxelles", "next"),
            ("Rencontre 2", "octobre, lieu à venir", "later"),
            ("Statut", "Open Smart, franchise ou groupe", "later"),
        ],
        "series": ("Vous", "Les relecteurs"),
        "axes": ("Besoin vérifié", "Profil d’entrepreneur", "Réseau local", "Entreprises semblables", "Investisseurs"),
        "fields": {
            "name": ("Nom du projet", "Comme vous le dites à un voisin."),
            "need": ("Quel besoin avez-vous vérifié\u202f?", "Auprès de qui, combien de personnes, quand. Cinq lignes suffisent."),
            "kind": ("Votre projet existe-t-il déjà\u202f?", ""),
            "support": ("Ce que vous attendez de Smart", "Plusieurs réponses sont possibles."),
            "start": ("Date de début", ""),
            "file": ("Statuts ou projet de statuts", "PDF ou document texte, 20\u00a0Mo au plus."),
            "country": ("Pays", ""),
            "agree": ("Je peux venir deux fois par an et je cherche le financement de mes frais.", ""),
        },
        "kinds": [("idea", "C’est une idée"), ("group", "Un groupe y travaille"), ("open", "L’activité a commencé")],
        "supports": [("tools", "Des outils"), ("advice", "Un accompagnement"), ("network", "Un réseau"), ("money", "Un financement")],
        "countries": [("", "Choisissez"), ("BE", "Belgique"), ("ES", "Espagne"), ("SE", "Suède")],
        "rows": [
            ("Coop des Rives", "8/8", "remise", "place ferme", "good"),
            ("Atelier Partagé", "6/8", "remise", "financement attendu", "warn"),
            ("Taller Común", "3/8", "brouillon", "liste d’attente", "info"),
        ],
    },
    "en": {
        "title": "Your project is in training. Next step: find the funding of your trip to Brussels.",
        "lead": "Two modules are left, and Smart owes you feedback on your monograph.",
        "stations": [
            ("Application", "accepted on 12 March", "done"),
            ("Entry assessment", "three readings", "done"),
            ("Online training", "6 of 8 modules", "here"),
            ("Meeting 1", "14–16 May, Brussels", "next"),
            ("Meeting 2", "October, place to come", "later"),
            ("Status", "Open Smart, franchise or group", "later"),
        ],
        "series": ("You", "The readers"),
        "axes": ("Verified need", "Entrepreneur’s profile", "Local network", "Similar enterprises", "Investors"),
        "fields": {
            "name": ("Name of the project", "As you say it to a neighbour."),
            "need": ("Which need did you verify?", "With whom, how many people, when. Five lines are enough."),
            "kind": ("Does your project exist already?", ""),
            "support": ("What you expect from Smart", "Several answers are possible."),
            "start": ("Date of beginning", ""),
            "file": ("Statutes, or a draft of them", "PDF or text document, 20 MB at most."),
            "country": ("Country", ""),
            "agree": ("I can come twice a year, and I look for the funding of my costs.", ""),
        },
        "kinds": [("idea", "It is an idea"), ("group", "A group works on it"), ("open", "The activity has begun")],
        "supports": [("tools", "Tools"), ("advice", "Guidance"), ("network", "A network"), ("money", "Money")],
        "countries": [("", "Choose"), ("BE", "Belgium"), ("ES", "Spain"), ("SE", "Sweden")],
        "rows": [
            ("Coop des Rives", "8/8", "handed in", "firm seat", "good"),
            ("Atelier Partagé", "6/8", "handed in", "funding expected", "warn"),
            ("Taller Común", "3/8", "draft", "waiting list", "info"),
        ],
    },
}


class SampleForm(forms.Form):
    """Every kind of input. Its words come from WORDS."""

    name = forms.CharField()
    need = forms.CharField(widget=forms.Textarea)
    kind = forms.ChoiceField(widget=forms.RadioSelect)
    support = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    country = forms.ChoiceField()
    start = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
    file = forms.FileField(required=False)
    agree = forms.BooleanField()

    def __init__(self, *args, words: dict, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in words["fields"].items():
            self.fields[name].label, self.fields[name].help_text = label, help_text
        self.fields["kind"].choices = words["kinds"]
        self.fields["support"].choices = words["supports"]
        self.fields["country"].choices = words["countries"]


def examples(language: str, request: HttpRequest) -> dict:
    words = WORDS[language]
    self_name, readers_name = words["series"]
    pillars = [str(pillar.label) for pillar in PILLARS.values()]
    return {
        "words": words,
        "language": language,
        "stations": [Station(*station) for station in words["stations"]],
        "pillar_series": [
            Series(readers_name, False, dict(zip(pillars, (0.75, 0.25, 0.5), strict=True))),
            Series(self_name, True, dict(zip(pillars, (0.75, 0.5, 0.75), strict=True))),
        ],
        "axis_series": [
            Series(readers_name, False, dict(zip(words["axes"], (1, 0.75, 0.5, 0.75, None), strict=True))),
            Series(self_name, True, dict(zip(words["axes"], (0.75, 1, 0.75, 0.5, 0.25), strict=True))),
        ],
        "form": SampleForm({"need": "…"}, words=words, prefix="wrong"),
        "fresh_form": SampleForm(words=words, prefix="fresh"),
        "page_obj": Paginator(range(240), 20).get_page(request.GET.get("page", 4)),
        "moment": datetime(2027, 5, 14, 9, 30, tzinfo=BRUSSELS),
        "deadline": date(2027, 4, 2),
        "crumbs": [("Wiki", "#"), (pillars[1], "#"), (words["fields"]["name"][0], "")],
        "address": f"{settings.BASE_URL}/verify/0b6c7c1e-2d0c-4a39-9a1c-1c6f0a4f7a10/",
    }


def answer(request: HttpRequest) -> HttpResponse:
    """The gallery in one language (`?language=fr`), at the density asked (`?dense=1`)."""
    language = request.GET.get("language") if request.GET.get("language") in WORDS else translation.get_language()
    with translation.override(language):
        return render(request, "academy/ui_gallery.html", {**examples(language, request), "dense": "dense" in request.GET})
