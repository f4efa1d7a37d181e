"""The glossary: in the reader's language else in another, found by accents or none, closed where its pages are closed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from tests.factories.wiki import GlossaryTermFactory
from wiki.models import GlossaryTerm


@pytest.fixture
def words(home, home_en, french, english, page, secret):
    """A word in both languages, one in French alone, one that leads to a page for members."""
    levy = GlossaryTermFactory(
        locale=english, term="Levy", other_names="contribution, member fee", definition="<p>A part of each invoice.</p>"
    )
    GlossaryTermFactory(locale=french, term="Prélèvement", translation_key=levy.translation_key, page=page)
    GlossaryTermFactory(locale=french, term="Équilibre", definition="<p>Ni perte ni gain.</p>", page=secret)
    GlossaryTermFactory(locale=english, term="Union", applies_to="SE")


def shown(client, language="en", **query):
    response = client.get(f"/{language}/glossary/", query)
    assert response.status_code == 200
    return response, [word.row.term for _letter, notions in response.context["letters"] for word in notions]


def test_each_notion_stands_once_in_the_order_of_the_alphabet(words, visitor_client):
    _response, terms = shown(visitor_client)
    assert terms == ["Équilibre", "Levy", "Union"]
    response, terms = shown(visitor_client, "fr")
    assert terms == ["Équilibre", "Prélèvement", "Union"]
    assert [letter for letter, _words in response.context["letters"]] == ["E", "P", "U"]


def test_words_of_another_language_say_so(words, visitor_client):
    html = shown(visitor_client)[0].content.decode()
    assert 'id="fr-equilibre" lang="fr"' in html
    assert "Not written in your language yet: this is the French text" in html
    assert '<span lang="fr">Prélèvement</span>' in html
    assert "Sweden" in html


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("equilibre", ["Équilibre"]),
        ("MEMBER fee", ["Levy"]),
        ("invoice", ["Levy"]),
        ("prelevement", ["Levy"]),
        ("zz", []),
        ("%", []),
        ("  ", 3),
    ],
)
def test_filter_reads_every_word_without_accents(words, visitor_client, typed, found):
    response, terms = shown(visitor_client, q=typed)
    assert (len(terms) if isinstance(found, int) else terms) == found
    if not found:
        assert reverse("search") + "?q=" in response.content.decode()


def test_closed_page_is_not_named_to_a_visitor(words, visitor_client, client_for, promoter):
    assert "zirconium" not in shown(visitor_client)[0].content.decode()
    assert "Contrat zirconium" in shown(client_for(promoter))[0].content.decode()


def test_empty_glossary_says_who_writes_it(home, home_en, visitor_client):
    assert "The glossary has no word yet" in shown(visitor_client)[0].content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_queries_do_not_grow(words, english, page, visitor_client, django_assert_max_num_queries, more):
    for number in range(more):
        GlossaryTermFactory(locale=english, term=f"Word {number}", page=page)
    shown(visitor_client)
    with django_assert_max_num_queries(4):
        shown(visitor_client)


def test_definition_is_cleaned_and_its_address_stays(english):
    term = GlossaryTermFactory(locale=english, term="Levy", definition='<p onclick="x()">A <b>part</b><script>alert(1)</script></p>')
    assert term.definition == "<p>A <b>part</b></p>"
    term.term = "Contribution"
    term.save()
    assert term.slug == "levy"
    assert GlossaryTermFactory(locale=english, term="Levy!").slug == "levy-2"


def test_word_is_explained_once_per_language_and_country(english, french):
    GlossaryTermFactory(locale=english, term="Levy")
    GlossaryTermFactory(locale=french, term="Levy")
    GlossaryTermFactory(locale=english, term="Levy", applies_to="FR")
    with pytest.raises(ValidationError, match="explained already"):
        GlossaryTerm(locale=english, term="LEVY", slug="levy-9", definition="<p>x</p>").full_clean()


def test_translation_never_clashes_with_a_word_that_is_there(english, french):
    here = GlossaryTermFactory(locale=english, term="Open Smart")
    GlossaryTermFactory(locale=french, term="Open Smart")
    copy = here.copy_for_translation(french)
    copy.save()
    assert (copy.term, copy.slug, copy.translation_key) == ("Open Smart (en)", "open-smart-en", here.translation_key)


def test_trainers_write_it_in_the_cms_and_others_do_not(english, words, client_for, trainer, coordinator, reviewer, promoter):
    listing, add = reverse("wagtailsnippets_wiki_glossaryterm:list"), reverse("wagtailsnippets_wiki_glossaryterm:add")
    for person, status in ((trainer, 200), (coordinator, 200), (reviewer, 302), (promoter, 302)):
        assert client_for(person).get(listing).status_code == status
    from_editor = '{"blocks":[{"key":"a","text":"Money kept aside","type":"unstyled","depth":0,"inlineStyleRanges":[],"entityRanges":[]}],"entityMap":{}}'
    data = {"term": "Reserve", "other_names": "", "applies_to": "", "definition": from_editor, "page": ""}
    with translation.override("en"):
        client_for(trainer).post(f"{add}?locale=en", data)
    term = GlossaryTerm.objects.get(term="Reserve")
    assert (term.locale, term.slug) == (english, "reserve")
    assert "Money kept aside" in term.definition
    for name in ("edit", "history", "usage", "delete"):
        address = reverse(f"wagtailsnippets_wiki_glossaryterm:{name}", args=[term.pk])
        assert client_for(trainer).get(address).status_code == 200
        assert client_for(reviewer).get(address).status_code == 302
