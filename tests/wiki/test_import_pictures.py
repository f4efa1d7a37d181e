"""Pictures of imported pages: those inside Word and OpenDocument files, once each; and those of allowed hosts, fetched with care."""

import datetime
import http.server
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from academy.models import AcademyImage
from tests.factories.files import docx, drawing, opendocument, paragraph, png
from tests.wiki.test_import_tree import bring, everything, folder_of, outcomes
from wiki import remote
from wiki.models import ImportItem, WikiPage

Outcome = ImportItem.Outcome
HOST = "images.example"


def word(*pictures: tuple[bytes, str], text: str = "Avant.") -> bytes:
    """A Word file with these pictures and the words that stand for them."""
    relations = {f"rId{number}": ("image", f"media/p{number}.png") for number in range(20, 20 + len(pictures))}
    shown = [paragraph(drawing(relation, words)) for relation, (_content, words) in zip(relations, pictures, strict=True)]
    members = {f"word/{target}": content for (_kind, target), (content, _words) in zip(relations.values(), pictures, strict=True)}
    return docx(paragraph(text), *shown, paragraph("Après."), relations=relations, extra=members)


def odt(*pictures: tuple[bytes, str]) -> bytes:
    shown = "".join(
        f'<text:p><draw:frame><draw:image xlink:href="Pictures/{number}.png"/><svg:desc>{words}</svg:desc></draw:frame></text:p>'
        for number, (_content, words) in enumerate(pictures)
    )
    members = {f"Pictures/{number}.png": content for number, (content, _words) in enumerate(pictures)}
    return opendocument("text", f"<text:p>Avant.</text:p>{shown}", extra=members)


def shown(page) -> list[tuple[int, str]]:
    """The pictures of a page, with their words."""
    return [(block.value["image"].pk, block.value["image"].contextual_alt_text) for block in page.body if block.block_type == "image"]


# --- in the document


def test_pictures_inside_documents_come_along_with_their_words_and_are_one_each(wiki, tmp_path, visitor_client):
    plan, map_ = png(30, 20, shade=10), png(30, 20, shade=90)
    files = {
        "a.docx": word((plan, "Le plan du bâtiment"), (map_, "La carte"), (plan, "Le plan, encore")),
        "b.odt": odt((map_, "La carte des partenaires"), (plan, "Le plan")),
    }
    batch = bring(wiki, folder_of(files, tmp_path / "x"))
    assert set(outcomes(batch).values()) == {Outcome.CREATED}
    first, second = WikiPage.objects.order_by("path")
    one, two = AcademyImage.objects.order_by("pk")
    assert shown(first) == [(one.pk, "Le plan du bâtiment"), (two.pk, "La carte"), (one.pk, "Le plan, encore")]
    assert shown(second) == [(two.pk, "La carte des partenaires"), (one.pk, "Le plan")]
    assert (one.width, one.height, one.file.read()) == (30, 20, plan)
    html = visitor_client.get(first.url).content.decode()
    assert 'alt="Le plan du bâtiment"' in html
    before = everything()
    bring(wiki, folder_of(files, tmp_path / "x"))
    assert everything() == before


def test_a_broken_picture_is_said_and_the_page_comes_in(wiki, tmp_path):
    broken = png(30, 20)[:-20]
    batch = bring(wiki, folder_of({"a.docx": word((broken, "Le plan"))}, tmp_path / "x"))
    item = batch.items.get()
    assert (item.outcome, AcademyImage.objects.count()) == (Outcome.CREATED, 0)
    assert sum(item.report["lost"].values()) == 1
    assert "Le plan" in str(WikiPage.objects.get().body.raw_data)


# --- block ids

LONG = """# Page

## Un

Premier passage, avec [un lien](b.md) et ![le plan](plan.png).

:::warning
Attention, **voir** [là](b.md#x).
:::

| A | B |
| --- | --- |
| [lien](b.md) | 2 |

![La carte](carte.png "Légende")

## Deux

- [x] fait
- reste

```python
x = 1
```

> Une citation.

Fin.
"""


@pytest.mark.parametrize("place", ["## Un", ":::warning", "| A | B |", "![La carte]", "## Deux", "```python", "> Une citation.", "Fin."])
def test_one_paragraph_more_leaves_every_other_block_its_id(wiki, tmp_path, place):
    around = {"b.md": "# B\n\nTexte.", "plan.png": png(3, 3), "carte.png": png(4, 4)}
    bring(wiki, folder_of({"a.md": LONG, **around}, tmp_path / "un"))
    before = list(WikiPage.objects.get(slug="page").body.raw_data)
    changed = LONG.replace(place, f"## Inséré\n\nUn paragraphe de plus.\n\n{place}", 1)
    bring(wiki, folder_of({"a.md": changed, **around}, tmp_path / "deux"))
    page = WikiPage.objects.get(slug="page")
    after = list(page.body.raw_data)
    assert page.revisions.count() == 2
    known = {block["id"] for block in before}
    assert "Inséré" in str([block for block in after if block["id"] not in known])
    kept = [block for block in after if block["id"] in known]
    assert [block["id"] for block in kept] == [block["id"] for block in before]
    changed = [now["value"] for now, then in zip(kept, before, strict=True) if now["value"] != then["value"]]
    assert changed == (["<p>Un paragraphe de plus.</p><p>Fin.</p>"] if place == "Fin." else [])  # what it ran into is one text with it


# --- on another machine


class Answers(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        type(self).asked.append(self.path)
        kind, content, status = {
            "/a.png": ("image/png", png(7, 5), 200),
            "/b.png": ("image/png", png(7, 5), 200),
            "/html.png": ("text/html", b"<p>no</p>", 200),
            "/false.png": ("image/png", b"<html><script>alert(1)</script></html>", 200),
            "/huge.png": ("image/png", png() + b"0" * 4000, 200),
            "/moved.png": ("image/png", b"", 302),
            "/slow.png": ("image/png", b"", 200),
        }.get(self.path, ("image/png", b"", 404))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", f"https://{HOST}/a.png")
        self.end_headers()
        self.wfile.write(content)
        if self.path == "/slow.png":
            self.server.patience.wait(10)

    def log_message(self, *arguments):
        pass


def certificate(folder) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "certificate").write_bytes(made.public_bytes(pem))
    return str(folder / "certificate"), str(folder / "key")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, settings):
    """A server of pictures with a certificate. The network of this test leads to it whatever is public, and nowhere else."""
    given, key = certificate(tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Answers,), {"asked": []}))
    server.patience = threading.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = {HOST: ["8.8.8.8"], "private.example": ["10.0.0.7"], "both.example": ["8.8.8.8", "127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}
    names |= {"mapped.example": ["::ffff:127.0.0.1"], "meta.example": ["169.254.169.254"], "wrong.example": ["8.8.8.8"]}
    connect = socket.create_connection

    def lookup(host, port, *arguments, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in names[host]]

    def leads_here(address, *arguments, **options):
        assert address == ("8.8.8.8", 443)
        return connect(server.server_address, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", leads_here)
    monkeypatch.setenv("SSL_CERT_FILE", given)
    settings.IMPORT_IMAGE_HOSTS = list(names)
    yield server.RequestHandlerClass
    server.patience.set()
    server.shutdown()
    server.server_close()


def test_pictures_of_allowed_hosts_come_along(wiki, tmp_path, elsewhere):
    text = f"# A\n\n![Le plan](https://{HOST}/a.png)\n\nEt ![encore](https://{HOST}/b.png).\n\n![non](https://other.example/a.png)"
    batch = bring(wiki, folder_of({"a.md": text}, tmp_path / "x"))
    image = AcademyImage.objects.get()
    assert shown(WikiPage.objects.get()) == [(image.pk, "Le plan"), (image.pk, "encore")]
    assert batch.items.get().report["missing_images"] == ["https://other.example/a.png"]
    assert elsewhere.asked == ["/a.png", "/b.png"]


@pytest.mark.parametrize("name", ["html", "false", "huge", "moved", "absent", "slow"])
def test_what_is_no_picture_stays_a_link(wiki, tmp_path, elsewhere, monkeypatch, name):
    monkeypatch.setattr(remote, "LARGEST", 3000)
    monkeypatch.setattr(remote, "SECONDS", 1)
    batch = bring(wiki, folder_of({"a.md": f"# A\n\nTexte.\n\n![Le plan](https://{HOST}/{name}.png)"}, tmp_path / "x"))
    assert batch.items.get().outcome == Outcome.CREATED
    assert not AcademyImage.objects.exists()
    assert f'href="https://{HOST}/{name}.png"' in str(WikiPage.objects.get().body.raw_data)
    assert elsewhere.asked == [f"/{name}.png"]


@pytest.mark.parametrize(
    "address",
    [
        f"http://{HOST}/a.png",
        f"https://{HOST}:8443/a.png",
        f"https://{HOST}.evil.example/a.png",
        f"https://evil.example/@{HOST}/a.png",
        f"https://{HOST}@evil.example/a.png",
        f"https://{HOST}:bad/a.png",
        "https://private.example/a.png",
        "https://both.example/a.png",
        "https://mapped.example/a.png",
        "https://meta.example/latest/meta-data/",
        "https://127.0.0.1/a.png",
        "https://wrong.example/a.png",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_is_asked(elsewhere, address):
    with pytest.raises(remote.NotFetched):
        remote.fetch(address)
    assert elsewhere.asked == []
