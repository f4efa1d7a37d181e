"""The ten headings of every monograph, always the same and in this order, so that two countries can be read side by side. Pure."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Heading:
    """`key` names the field of a monograph, the chapter of a dossier and the address in the page; `asks` helps who writes."""

    key: str
    label: Any
    asks: Any


FIGURES = "key_figures"

HEADINGS = (
    Heading("history", _("History"), _("Who began, when and why; the turning points.")),
    Heading(
        "regulatory_context", _("Regulatory context"), _("Work statuses, social security, law of cooperatives, legal risks, with dates.")
    ),
    Heading("competition", _("Competition and partners"), _("Who does something close and at what price; with whom you work.")),
    Heading("legal_organisation", _("Legal organisation"), _("Form, statutes, governance, the place of members.")),
    Heading("publics", _("Publics served"), _("Trades, incomes, ages, places; who is not reached yet.")),
    Heading("services", _("Services"), _("What is offered, what is paid for, what is free.")),
    Heading("processes", _("Processes and tools"), _("The way of a job from request to payment; the software.")),
    Heading("team", _("People and team"), _("Posts, skills, what is missing.")),
    Heading(FIGURES, _("Key figures"), _("What a reader should know about the figures: accounts, closing date, how members are counted.")),
    Heading("stakes", _("Development stakes"), _("The decisions of the next two years.")),
)
