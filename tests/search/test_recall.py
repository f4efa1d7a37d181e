"""What readers look for, in French and in English, in pages and in files: found on the first page, on both databases."""

import pytest
from django.core.files.base import ContentFile

from academy.models import AcademyDocument
from academy.search.reader import Reader
from academy.search.results import Asked, search
from tests.factories.wiki import WikiPageFactory

FRENCH = [  # title, text, what a reader types
    ("Constituer une société", "Les coopératives sont constituées devant notaire.", "coopérative"),
    ("Embaucher", "Les partenaires embauchent à durée indéterminée.", "embaucher"),
    ("Se payer", "La structure rémunère chaque mois ses membres.", "rémunération"),
    ("Le jour de paie", "Vous êtes payé le dix du mois.", "paiement"),
    ("Cotisations", "Chaque employeur cotise à l’Urssaf.", "cotiser"),
    ("Statut social", "Les règles du régime général s’appliquent.", "REGIME GENERAL"),
    ("Assemblée", "Le procès-verbal est rédigé à l’issue.", "proces verbal"),
    ("Frais", "Les dépenses engagées sont remboursées.", "dépense remboursement"),
    ("Gouvernance", "L’entreprise partagée appartient à ses membres.", "entreprise"),
    ("Droit", "Dès l'embauche, l'assurance couvre le trajet.", "assurance"),
    ("Œuvres", "Toute œuvre d’art peut être facturée.", "oeuvre facturation"),
    ("Ex æquo", "En cas d’ex æquo, le tirage décide.", "aequo"),
    ("Accueil", "Les nouveaux·elles salarié·e·s sont reçu·e·s ensemble.", "salariées"),
    ("Équipe", "Chaque travailleur·euse choisit son conseiller·ère.", "travailleuse conseillère"),
    ("Métiers", "Des acteur·rice·s et des créateur-trice-s.", "actrices créatrice"),
    ("Collectif", "Les associé.e.s et les étudiant(e)s votent.", "associée étudiantes"),
    ("Élections", "Tou·te·s les administrateurs sont élus.", "toutes administratrice"),
    ("Compte rendu", "La trésore\ufffe\nrie doit suffire pour trois mois.", "trésorerie"),
    ("Budget", "Un prévi\u00adsionnel sur trois ans.", "prévisionnel"),
    ("Locaux", "Les locaux, chevaux et journaux sont assurés.", "journal"),
    ("Aide", "Un accompagne‐ment et un porte‐à‐porte.", "porte-à-porte"),
    ("Territoires", "Les généraux aident les régions rurales.", "région rurale"),
    ("Clôture", "Les exercices clôturés sont publiés.", "clôturer exercice"),
    ("Décider", "Les membres décident en assemblée.", "décider assemblée"),
    ("Intermittence", "L’intermittente déclare ses cachets.", "intermittents"),
]
FILES = [  # title, name, text, what a reader types
    ("Modèle", "fiche_contrat-type_2024.txt", "Rien de plus.", "contrat type"),
    ("Annexe", "Budget-Prévisionnel.v2.txt", "Rien de plus.", "budget previsionnel"),
    ("Plan", "PlanFinancier2025.txt", "Rien de plus.", "plan financier 2025"),
    ("Note", "note@finances.txt", "Les subsides européens.", "subside européen"),
]
ENGLISH = [
    ("Starting up", "Companies are registered within a week.", "company register"),
    ("Paying", "Members' invoices are paid on time; the worker’s wage too.", "worker invoice"),
    ("Voting", "Everybody voted for the studies.", "vote study"),
    ("Café rules", "The naïve co-operative model.", "cafe naive"),
]


def first_page(typed: str, language: str) -> list[str]:
    found = search(Asked(text=typed, language=language), Reader())
    assert not found.has_some_words, typed
    return [str(hit.title).replace("<mark>", "").replace("</mark>", "") for hit in found.hits]


@pytest.fixture
def library(wiki, french, at_once):
    """Every page and every file at once: each must be found among all the others, and among twelve that have nothing to say."""
    with at_once():
        for number, (title, text, _typed) in enumerate(FRENCH):
            WikiPageFactory(parent=wiki, slug=f"f{number}", title=title, locale=french, body=[{"type": "text", "value": f"<p>{text}</p>"}])
        for number in range(12):
            WikiPageFactory(
                parent=wiki,
                slug=f"n{number}",
                title=f"Divers {number}",
                locale=french,
                body=[{"type": "text", "value": "<p>Texte sans objet.</p>"}],
            )
        for title, name, text, _typed in FILES:
            document = AcademyDocument(title=title)
            document.file.save(name, ContentFile(text.encode()), save=False)
            document.save()


def test_what_french_readers_look_for_is_on_the_first_page(library):
    missed = [(title, typed) for title, _text, typed in FRENCH if title not in first_page(typed, "fr")]
    missed += [(title, typed) for title, _name, _text, typed in FILES if title not in first_page(typed, "fr")]
    assert missed == []


def test_what_english_readers_look_for_is_on_the_first_page(home_en, english, at_once):
    with at_once():
        for number, (title, text, _typed) in enumerate(ENGLISH):
            WikiPageFactory(
                parent=home_en, slug=f"e{number}", title=title, locale=english, body=[{"type": "text", "value": f"<p>{text}</p>"}]
            )
    assert [(title, typed) for title, _text, typed in ENGLISH if title not in first_page(typed, "en")] == []


def test_every_title_finds_its_page_first(library):
    titles = [title for title, *_rest in FRENCH]
    assert [title for title in titles if first_page(title, "fr")[:1] != [title]] == []


def test_every_mark_is_inside_its_sentence(library):
    for _title, _text, typed in FRENCH:
        for hit in search(Asked(text=typed, language="fr"), Reader()).hits:
            assert hit.snippet.count("<mark>") == hit.snippet.count("</mark>")
        assert any("<mark>" in hit.snippet for hit in search(Asked(text=typed, language="fr"), Reader()).hits), typed
