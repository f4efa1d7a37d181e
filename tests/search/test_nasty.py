"""Nothing that an address can hold is an error: on the search page, in its suggestions, in the searches of the CMS; for a visitor and for
somebody signed in, on both databases."""

from urllib.parse import quote

import pytest

from tests.factories.wiki import WikiPageFactory

SIGNS = [
    '"',
    "'",
    "*",
    "(",
    ")",
    "-",
    "—",
    "%",
    "_",
    "\\",
    "^",
    ":",
    "«",
    "·",
    "\u202e",
    "\u200f",
    "א",
    "💡",
    "👩\u200d👩\u200d👧",
    "İ",
    "ß",
    "ﷺ",
    "\ufffe",
    "¹",
    "٣",
]
WORDS = [
    "OR ",
    "AND NOT ",
    "NEAR(",
    "NEAR(zircon autre, 2)",
    "zircon*",
    "title:",
    "<->",
    "!",
    "&|",
    "':*",
    '"zircon" ',
    "-zircon ",
    "é",
    "zircon ",
]
BYTES = [
    "%00",
    "zir%00con",
    "%FF%FE",
    "%ED%A0%80",
    "%ED%BF%BF%ED%A0%BD",
    "%",
    "%zz",
    "%u1234",
    "%F0%9F",
    "+",
    "%0A%0D%09",
    "%C2%A0",
    "%EF%BF%BE",
]
ADDRESSES = [
    "q=a&q=zircon", "q[]=zircon", "q", "", "&&=", "Q=zircon", "q=zircon&page=abc", "q=zircon&page=0", "q=zircon&page=-1", "q=zircon&page=1e9",
    f"q=zircon&page={'9' * 40}", "q=zircon&page=2&page=1", "q=zircon&page=%D9%A3", "q=zircon&page=%C2%B2", "q=zircon&page=%00", "q=zircon&kind=x", "q=zircon&kind=page&kind=file",
    "q=zircon&section=99999999999", "q=zircon&section=2147483648", "q=zircon&section=%D9%A3", "q=zircon&section=-1", "q=zircon&section=%00",
    "q=zircon&language=%00", "q=zircon&language=zz", "q=zircon&language='", "q=zircon&fresh=x", "q=zircon&fresh=month&fresh=year", "q=zircon&nonsense=1&csrfmiddlewaretoken=x",
]  # fmt: skip


QUERIES = [
    *(f"q=zircon+{quote(sign)}zircon{quote(sign)}" for sign in SIGNS),
    *(f"q={quote(words)}" for words in WORDS),
    *(f"q={quote(sign) * (50_000 // len(sign))}" for sign in (*SIGNS[:7], *WORDS[:3])),
    *(f"q={raw}" for raw in BYTES),
    *ADDRESSES,
]


@pytest.fixture
def client_of(visitor_client, client_for, request):
    return lambda who: client_for(request.getfixturevalue(who)) if who else visitor_client


@pytest.mark.parametrize(("address", "who"), [("/fr/search/", ""), ("/en/search/suggest/", "promoter")])
def test_no_address_is_an_error(address, who, wiki, french, at_once, client_of):
    with at_once():
        WikiPageFactory(parent=wiki, slug="t", title="Zircon", locale=french)
    client = client_of(who)
    wrong = {query[:60]: status for query in QUERIES if (status := client.get(f"{address}?{query}").status_code) != 200}
    assert wrong == {}
    assert "Zircon" in client.get(f"{address}?q=zircon").content.decode()


@pytest.mark.parametrize(("address", "start"), [("/cms/pages/search/results/", 0), ("/cms/documents/results/", 1), ("/fr/search/", 2)])
def test_no_search_of_somebody_signed_in_is_an_error(address, start, wiki, client_of):
    """A third of them each: these pages take long to make."""
    client = client_of("trainer")
    tried = [query for query in QUERIES[start::3] if "page=" not in query]
    wrong = {query[:60]: status for query in tried if (status := client.get(f"{address}?{query}").status_code) != 200}
    assert wrong == {}


def test_what_says_that_a_hit_was_opened_is_no_error(wiki, visitor_client):
    for token in ("\x00", "a:b:c", "é" * 1000, ":" * 300):
        for place in ("\x00", "٣", "²", "-1", "9" * 50):
            assert visitor_client.post("/fr/search/opened/", {"token": token, "place": place}).status_code == 204
