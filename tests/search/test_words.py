"""From text to words: what must meet, meets; nothing is lost, nothing is an error."""

import pytest

from academy.search.query import cleaned_text, parsed
from academy.search.words import as_key, cleaned, file_words, folded, forms, indexed, language_of, tokens


def meet(written: str, typed: str, language: str = "fr") -> bool:
    """Whether every word typed has a form in common with the text, as both databases compare them."""
    words = set(indexed(cleaned(written), language).split())
    query = parsed(typed, (language,), small_words_of=language)
    return bool(query) and all(any(set(each) <= words for each in clause.any_of) for clause in query.must)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("des coopératives", "coopérative"),
        ("les chevaux", "cheval"),
        ("Ils embauchent trois personnes", "embaucher"),
        ("Ils rémunèrent", "rémunération"),
        ("on paye le jour même", "paiement"),
        ("La RÉMUNÉRATION", "remuneration"),
        ("Maïs à l’Œuvre", "oeuvre"),
        ("l’entreprise partagée", "entreprise"),
        ("l'entreprise partagée", "l’entreprise"),
        ("jusqu’au contrat d’usage", "usage"),
        ("les salarié·e·s", "salariée"),
        ("les salarié.e.s", "salariés"),
        ("les salarié-e-s", "salarie"),
        ("les salarié(e)s", "salariées"),
        ("un·e travailleur·euse", "travailleuse"),
        ("acteur·rice·s", "actrice"),
        ("tou·te·s", "toutes"),
        ("des travailleuses", "travailleur"),
        ("fiche_contrat-type_2024.pdf", "contrat"),
        ("la coopé\ufffe\nrative", "coopérative"),
        ("le porte\u00adfeuille", "portefeuille"),
        ("e\u0301tat des lieux", "état"),
        ("porte‐monnaie", "porte-monnaie"),
    ],
)
def test_what_a_french_reader_expects_meets(written, typed):
    assert meet(written, typed)


def test_other_languages_have_their_own_stems():
    assert meet("The companies hired workers", "hire company", "en")
    assert meet("The company’s rules don’t apply", "rule apply company", "en")
    assert meet("de werknemers van de coöperatie", "werknemer", "nl")
    assert forms("ძალა", "ka") == ("ძალა",)
    assert not meet("un document", "coopérative")


def test_ordinary_hyphens_and_stops_are_no_inclusive_spelling():
    assert [token.word for token in tokens("rendez-vous, dit-elle. Et puis (elle)")] == [
        "rendez",
        "vous",
        "dit",
        "elle",
        "Et",
        "puis",
        "elle",
    ]
    assert next((t.word, t.variants) for t in tokens("étudiant(e) et salarié·e·s")) == ("étudiant", ("étudiante",))


def test_an_inclusive_word_is_one_word_where_it_stands():
    text = "Nos salarié·e·s, ici"
    (token,) = [token for token in tokens(text) if token.variants]
    assert text[token.start : token.end] == "salarié·e·s"


def test_invisible_marks_are_nothing():
    assert cleaned("a\u200bb\x00c\ud800") == "a b c "
    assert folded("Straße Æsop ŁÓDŹ") == "strasse aesop lodz"


def test_a_title_is_compared_without_accents_and_signs():
    assert as_key("L’été : « à Liège » !") == "ete a liege"
    assert file_words("FicheContrat2024.docx") == "FicheContrat2024.docx Fiche Contrat 2024.docx"


def test_the_language_of_a_text_is_seen():
    assert language_of("Le contrat est signé par la personne et par la coopérative avec les membres dans la salle.") == "fr"
    assert language_of("The contract is signed by the person and the cooperative with its members in the room.") == "en"
    assert language_of("2024 2025 2026", fallback="fr") == "fr"


def test_quotes_are_phrases_and_a_minus_leaves_out():
    query = parsed('"contrat de travail" salaire -Belgique', ("fr",))
    assert next(clause.any_of for clause in query.must) == (("contrat", "de", "travail"),)
    assert ("salair",) in query.must[1].any_of
    assert [clause.typed for clause in query.without] == ["Belgique"]
    assert [clause.typed for clause in parsed("-Belgique", ("fr",)).must] == ["Belgique"]
    assert [clause.typed for clause in parsed("porte-monnaie", ("fr",)).must] == ["porte", "monnaie"]


def test_small_words_are_left_out_only_where_others_say_more():
    assert [clause.typed for clause in parsed("le contrat de la coopérative", ("fr",)).must] == ["contrat", "coopérative"]
    assert [clause.typed for clause in parsed("où en est la", ("fr",)).must]


@pytest.mark.parametrize(
    "typed", ["", " ", '"', '""', "-", "—" * 50_000, "\x00", "\ud800", "*", "()", "«»", "·", "’", "\t\n", "--", '-"', "^:"]
)
def test_nothing_to_search_for_is_no_query(typed):
    assert not parsed(typed, ("fr", "en"))
    assert len(cleaned_text(typed)) <= 200


def test_syntax_of_the_databases_is_only_words():
    query = parsed("NEAR(a b) title:x AND OR NOT 'or' {x} a* ^b \\ % ; --", ("fr", "en"))
    assert all(word.isalnum() for clause in (*query.must, *query.without) for words in clause.any_of for word in words)
