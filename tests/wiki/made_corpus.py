"""Office files of the corpus, made in code so that what is in them can be read here. Name → bytes."""

from tests.factories.files import docx, drawing, hyperlink, opendocument, paragraph, png, run, table, word_notes

ODT_STYLES = (
    '<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="I" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="U" style:family="text"><style:text-properties style:text-underline-style="solid"/></style:style>'
    '<style:style style:name="S" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="Sup" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="Sub" style:family="text"><style:text-properties style:text-position="sub 58%"/></style:style>'
    '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-weight="bold"/>'
    "</style:style>"
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/><text:list-level-style-bullet text:level="2"/>'
    "</text:list-style>"
)


def _odt(body: str, **extra: str | bytes) -> bytes:
    return opendocument("text", body, styles=ODT_STYLES, extra=extra)


def _span(style: str, words: str) -> str:
    return f'<text:span text:style-name="{style}">{words}</text:span>'


def _cell(words: str, more: str = "") -> str:
    return f"<table:table-cell{more}><text:p>{words}</text:p></table:table-cell>"


FILES = {
    "headings.docx": docx(
        paragraph("Le grand titre", style="Title"),
        paragraph("Sous le titre", style="Subtitle"),
        paragraph("Un", style="Heading1"),
        paragraph("Détail", style="Heading3"),
        paragraph("Texte.", style="Titre1"),
    ),
    "emphasis.docx": docx(
        paragraph(
            run("gras", "b"), " ", run("italique", "i"), " ", run("souligné", 'u w:val="single"'), " ", run("barré", "strike"), " 1",
            run("er", 'vertAlign w:val="superscript"'), " H", run("2", 'vertAlign w:val="subscript"'), " ",
            run("vu", 'highlight w:val="yellow"'), '<w:r><w:br/><w:t>à la ligne</w:t></w:r>',
        )
    ),
    "lists.docx": docx(
        paragraph("un", numbered=(1, 0)), paragraph("dedans", numbered=(1, 1)), paragraph("deux", numbered=(1, 0)),
        paragraph("premier", numbered=(2, 0)), paragraph("second", numbered=(2, 0)),
    ),
    "tables.docx": docx(
        table(["Poste", "Montant"], ["Loyer", "1 200"], headed=True),
        table([paragraph(run("Pays", "b")), paragraph(run("Ville", "b"))], ["Italie", paragraph(run("Turin", "i"))]),
        table(["sans", "titres"], ["a", "b"]),
        table(["Un encadré."]),
    ),
    "notes.docx": docx(
        paragraph("Mot", '<w:r><w:footnoteReference w:id="1"/></w:r>', ' et autre', '<w:r><w:footnoteReference w:id="2"/></w:r>'),
        relations={"rId5": ("footnotes", "footnotes.xml")},
        extra={"word/footnotes.xml": word_notes("Première.", "Seconde.")},
    ),
    "links-pictures.docx": docx(
        paragraph("Voir ", hyperlink("rId8", "le site"), " et ", hyperlink("rId7", "le voisin"), "."),
        paragraph(drawing("rId9", "Le plan")),
        paragraph("Avant ", drawing("rId10", ""), " après."),
        relations={
            "rId7": ("hyperlink", "../autre.docx#x"), "rId8": ("hyperlink", "https://a.example/"),
            "rId9": ("image", "media/a.png"), "rId10": ("image", "media/b.emf"),
        },
        extra={"word/media/a.png": png(), "word/media/b.emf": b"\x01\x00\x00\x00EMF"},
    ),
    "false-headings.docx": docx(
        paragraph(run("Bilan moral", "b")), paragraph("Texte."), paragraph(run("Bilan financier", 'u w:val="single"')),
        paragraph("Encore, avec du ", run("gras", "b"), "."),
    ),
    "quote-code-formula.docx": docx(
        paragraph("Nous déciderons.", style="Quote"), paragraph("x = 1", style="Code"), paragraph("y = 2", style="Code"),
        "<w:p><m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath></w:p>",
    ),
    "proposed-changes.docx": docx(
        '<w:p><w:ins w:id="1"><w:r><w:t>ajouté</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>ôté</w:delText></w:r></w:del></w:p>',
        extra={
            "word/header1.xml": '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>En-tête</w:t></w:r></w:p></w:hdr>'
        },
    ),
    "headings.odt": _odt(
        '<text:p text:style-name="Title">Le grand titre</text:p><text:h text:outline-level="1">Un</text:h>'
        '<text:h text:outline-level="3">Détail<text:bookmark text:name="ici"/></text:h><text:p>Voir <text:a xlink:href="#ici">ici</text:a>.</text:p>'
    ),
    "emphasis.odt": _odt(
        f"<text:p>{_span('B', 'gras')} {_span('I', 'italique')} {_span('U', 'souligné')} {_span('S', 'barré')} 1{_span('Sup', 'er')}"
        f" H{_span('Sub', '2')}O<text:line-break/>à la<text:s text:c=\"2\"/>ligne<text:tab/>fin</text:p>"
        '<text:p text:style-name="P1">Faux titre</text:p>'
    ),
    "lists.odt": _odt(
        '<text:list text:style-name="L1"><text:list-item><text:p>un</text:p><text:list><text:list-item><text:p>dedans</text:p></text:list-item>'
        "</text:list></text:list-item><text:list-item><text:p>deux</text:p></text:list-item></text:list>"
        "<text:list><text:list-item><text:p>puce</text:p></text:list-item></text:list>"
    ),
    "tables.odt": _odt(
        f"<table:table><table:table-header-rows><table:table-row>{_cell('A')}{_cell('B')}</table:table-row></table:table-header-rows>"
        f"<table:table-row>{_cell(_span('B', '1'))}{_cell('2')}</table:table-row>"
        f"<table:table-row>{_cell('large', ' table:number-columns-spanned=&quot;2&quot;'.replace('&quot;', chr(34)))}<table:covered-table-cell/></table:table-row></table:table>"
    ),
    "notes-links-pictures.odt": _odt(
        "<text:p>Mot<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Dessous.</text:p></text:note-body></text:note>"
        ' <text:a xlink:href="https://a.example/">site</text:a> <text:a xlink:href="../voisin.odt">voisin</text:a></text:p>'
        '<text:p><draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>Le plan</svg:desc></draw:frame></text:p>'
        '<text:p><draw:frame><draw:text-box><text:p>Encadré</text:p></draw:text-box></draw:frame></text:p>'
        '<text:p text:style-name="Quotations">Cité.</text:p><text:p>Vu<office:annotation><text:p>à revoir</text:p></office:annotation></text:p>',
        **{"Pictures/a.png": png()},
    ),
}  # fmt: skip
