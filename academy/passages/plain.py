"""The words of a web page, without what was never meant to be read."""

from bs4 import BeautifulSoup

UNREAD = ["script", "style", "noscript", "template", "svg", "head", "title", "iframe", "object"]


def html_words(html: str) -> str:
    soup = BeautifulSoup(html, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for part in soup(UNREAD):
        part.decompose()
    return f"{title}\n{soup.get_text(' ')}"
