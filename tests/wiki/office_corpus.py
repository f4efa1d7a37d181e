"""What office programmes really write, beyond words and headings: fields, changes, boxes, numbers that go on. Name → bytes."""

from tests.factories.files import NUMBERING, PIC, WP, A, W, docx, drawing, opendocument, paragraph, png, run, table, word_notes

MARKUP = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
SHAPE = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def _mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field(instruction: str, shown: str) -> str:
    """A field in its long form: what it asks for, and what it showed last."""
    asks = f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
    return f"{_mark('begin')}{asks}{_mark('separate')}{shown}{_mark('end')}"


def _style(key: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'


def _line_of_contents(words: str, page: str) -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:hyperlink w:anchor="_Toc1">{run(words)}<w:r><w:tab/></w:r>'
        f"{field('PAGEREF _Toc1', run(page))}</w:hyperlink></w:p>"
    )


BOX = f"<w:txbxContent>{paragraph('Dans la boîte')}</w:txbxContent>"
STARTS_ANEW = '<w:num w:numId="3"><w:abstractNumId w:val="2"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>'
FRENCH_STYLES = (
    f"<w:styles {W}>{_style('Titre1', 'Titre 1')}{_style('Titre2', 'Titre 2')}{_style('TitreA', 'TITRE 3')}"
    f"{_style('MonTitre', 'Mon titre', '<w:basedOn w:val=' + chr(34) + 'Titre2' + chr(34) + '/>')}"
    f"{_style('Maison', 'Niveau maison', '<w:pPr><w:outlineLvl w:val=' + chr(34) + '2' + chr(34) + '/></w:pPr>')}</w:styles>"
)
CUT_PICTURE = (
    f'<w:r><w:drawing><wp:anchor {WP}><wp:docPr id="1" name="p" descr="Plan"/><a:graphic {A}><a:graphicData uri="x"><pic:pic {PIC}><pic:blipFill>'
    '<a:blip r:embed="rId9"/><a:srcRect l="10000" r="20000"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'
)

WORD = {
    "word-numbers-go-on.docx": docx(
        paragraph("un", numbered=(2, 0)), paragraph("a", numbered=(2, 1)), paragraph("b", numbered=(2, 1)), paragraph("deux", numbered=(2, 0)),
        paragraph("Texte entre."), paragraph("trois", numbered=(2, 0)), paragraph("Autre."), paragraph("de nouveau un", numbered=(3, 0)),
        extra={"word/numbering.xml": NUMBERING.replace("</w:numbering>", STARTS_ANEW)},
    ),
    "word-merged-cells.docx": docx(
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("large")}</w:tc></w:tr><w:tr><w:tc><w:tcPr>'
        f'<w:vMerge w:val="restart"/></w:tcPr>{paragraph("haut")}</w:tc><w:tc>{paragraph("x")}</w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>'
        f"{paragraph('')}</w:tc><w:tc>{paragraph('y')}{paragraph('z')}</w:tc></w:tr></w:tbl>"
    ),
    "word-table-in-table.docx": docx(
        f"<w:tbl><w:tr><w:tc>{paragraph('a')}</w:tc><w:tc>{table(['in', 'ner'], ['1', '2'])}{paragraph('')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{paragraph('b')}</w:tc><w:tc>{paragraph('c', numbered=(1, 0))}{paragraph('d', numbered=(1, 0))}</w:tc></w:tr></w:tbl>"
    ),
    "word-tracked-changes.docx": docx(
        paragraph("Avant", style="Heading1"),
        '<w:p><w:ins w:id="1" w:author="A"><w:r><w:t>ajouté</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>ôté</w:delText></w:r></w:del>'
        '<w:moveFrom w:id="3"><w:r><w:t>déplacé</w:t></w:r></w:moveFrom></w:p>',
        '<w:p><w:moveTo w:id="4"><w:r><w:t>déplacé</w:t></w:r></w:moveTo><w:r><w:rPr><w:b/><w:rPrChange w:id="5"><w:rPr/></w:rPrChange></w:rPr>'
        "<w:t> gras</w:t></w:r></w:p>",
        '<w:p><w:pPr><w:rPr><w:del w:id="6"/></w:rPr></w:pPr><w:r><w:t>Début, </w:t></w:r></w:p>', paragraph("suite."),
    ),
    "word-comments.docx": docx(
        paragraph("Budget", style="Heading1"),
        '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Vu</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>',
        relations={"rId5": ("comments", "comments.xml")},
        extra={"word/comments.xml": f'<w:comments {W}><w:comment w:id="0" w:author="X">{paragraph("à revoir")}</w:comment></w:comments>'},
    ),
    "word-text-box.docx": docx(
        f'<w:p><w:r><w:t>Avant </w:t></w:r><w:r><mc:AlternateContent {MARKUP} {SHAPE}><mc:Choice Requires="wps"><w:drawing><wp:anchor {WP}><a:graphic {A}>'
        f'<a:graphicData uri="x"><wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>après</w:t></w:r></w:p>"
    ),
    "word-cut-picture.docx": docx(
        paragraph("Le lieu", style="Heading1"), paragraph("Texte", CUT_PICTURE),
        relations={"rId9": ("image", "media/a.png")}, extra={"word/media/a.png": png(20, 20)},
    ),
    "word-bold-headings.docx": docx(
        paragraph(run("PREMIÈRE PARTIE", "b", 'u w:val="single"')), paragraph("Texte."), paragraph(run("1. Contexte", "b")), paragraph("Texte."),
        paragraph(run("2. ", "b"), run("Objectifs :", "b")), paragraph("Texte."),
    ),
    "word-fields-and-links.docx": docx(
        '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:bookmarkStart w:id="0" w:name="_Ref1"/><w:r><w:t>Cible</w:t></w:r><w:bookmarkEnd w:id="0"/></w:p>',
        f'<w:p><w:hyperlink w:anchor="_Ref1">{run("interne")}</w:hyperlink>{run(" ")}{field("HYPERLINK &quot;https://a.example/x&quot;", run("champ"))}</w:p>',
        f'<w:p>{run("Voir ")}<w:fldSimple w:instr=" REF _Ref1 \\h ">{run("Cible")}</w:fldSimple>{run(", figure ")}{field("SEQ Figure", run("2"))}.</w:p>',
        f'<w:p>{run("Nom : ")}<w:sdt><w:sdtContent>{run("Ada")}</w:sdtContent></w:sdt></w:p>',
    ),
    "word-signs.docx": docx(
        '<w:p><w:r><w:t>co</w:t><w:softHyphen/><w:t>opérative</w:t><w:tab/><w:t>tab</w:t><w:noBreakHyphen/><w:t>x</w:t><w:br w:type="page"/>'
        "<w:t>autre page</w:t><w:cr/><w:t>autre ligne</w:t></w:r></w:p>",
        paragraph("mu\u00adtua", "\u200blisation\ufeff"),
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:t> fait, </w:t></w:r><w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>'
        '<w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf0fc</w:t></w:r><w:r><w:sym w:font="Inconnue" w:char="F0FC"/></w:r></w:p>',
    ),
    "word-contents-field.docx": docx(
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>'
        f"{paragraph('Sommaire')}{_line_of_contents('Un', '3')}</w:sdtContent></w:sdt>",
        _line_of_contents("Deux", "5"),
        paragraph("Un", style="Heading1"), paragraph("Texte."), paragraph("Deux", style="Heading1"), paragraph("Texte."),
        extra={"word/styles.xml": f"<w:styles {W}>{_style('TOC1', 'toc 1')}{_style('Heading1', 'heading 1')}</w:styles>"},
    ),
    "word-headings-in-french.docx": docx(
        paragraph("Un", style="Titre1"), paragraph("Deux", style="Titre2"), paragraph("Chez nous", style="MonTitre"), paragraph("Sous", style="Maison"),
        paragraph("Fin", style="TitreA"), '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Niveau donné à la main</w:t></w:r></w:p>',
        paragraph("Texte."), extra={"word/styles.xml": FRENCH_STYLES},
    ),
    "word-numbered-headings.docx": docx(
        '<w:p><w:pPr><w:pStyle w:val="Heading2"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr><w:r><w:t>Numéroté</w:t></w:r></w:p>',
        paragraph("Texte."),
    ),
    "word-two-kinds-of-notes.docx": docx(
        paragraph("Mot", '<w:r><w:footnoteReference w:id="1"/></w:r>', " fin", '<w:r><w:endnoteReference w:id="1"/></w:r>'),
        relations={"rId5": ("footnotes", "footnotes.xml"), "rId6": ("endnotes", "endnotes.xml")},
        extra={"word/footnotes.xml": word_notes("Bas."), "word/endnotes.xml": word_notes("Fin.").replace("footnote", "endnote")},
    ),
    "word-formula.docx": docx(
        "<w:p><w:r><w:t>Soit </w:t></w:r><m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
        "<m:r><m:t>=</m:t></m:r><m:rad><m:e><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:e></m:rad></m:oMath>"
        "<w:r><w:t> partout</w:t></w:r></w:p>",
    ),
    "word-page-numbers.docx": docx(
        paragraph("Corps"), '<w:sectPr><w:footerReference w:type="default" r:id="rId7"/></w:sectPr>',
        relations={"rId7": ("footer", "footer1.xml")},
        extra={"word/footer1.xml": f"<w:ftr {W}>{paragraph('Page ', field('PAGE', run('1')))}</w:ftr>"},
    ),
    "word-hidden-words.docx": docx(
        paragraph("Coulisses", style="Heading2"),
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>caché</w:t></w:r><w:r><w:t>montré</w:t></w:r></w:p>",
    ),
    "word-chart.docx": docx(
        paragraph("Chiffres", style="Heading2"), paragraph("Texte.", drawing("rId8", "Courbe")),
        f'<w:p><w:r><w:drawing><wp:inline {WP}><wp:docPr id="1" name="d" descr="Schéma"/><a:graphic {A}><a:graphicData uri="{CHART}">'
        f'<c:chart xmlns:c="{CHART}" r:id="rId9"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>',
        relations={"rId9": ("chart", "charts/chart1.xml"), "rId8": ("image", "media/a.png")},
        extra={"word/charts/chart1.xml": "<c/>", "word/media/a.png": png()},
    ),
}  # fmt: skip

ODT_STYLES = (
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/><text:list-level-style-bullet text:level="2"/></text:list-style>'
    '<style:style style:name="Hid" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="Wing" style:family="text"><style:text-properties fo:font-family="Wingdings"/></style:style>'
    '<style:style style:name="Maison" style:display-name="Titre maison" style:family="paragraph" style:default-outline-level="2"/>'
    '<style:style style:name="Code" style:family="paragraph" style:parent-style-name="Preformatted_20_Text"/>'
)
MATHML = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac></mrow>'
    '<annotation encoding="StarMath 5.0">a over b</annotation></semantics></math>'
)


def _odt(body: str, **extra: str | bytes) -> bytes:
    return opendocument("text", body, styles=ODT_STYLES, extra=extra)


def _p(words: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{words}</text:p>' if style else f"<text:p>{words}</text:p>"


def _items(*words: str) -> str:
    return "".join(f"<text:list-item>{_p(one)}</text:list-item>" for one in words)


OPEN = {
    "open-numbers-go-on.odt": _odt(
        f'<text:list xml:id="l1" text:style-name="L1">{_items("un", "deux")}</text:list>{_p("Entre.")}'
        f'<text:list text:continue-numbering="true" text:style-name="L1">{_items("trois")}</text:list>{_p("Entre.")}'
        f'<text:list text:style-name="L1"><text:list-item text:start-value="7">{_p("sept")}</text:list-item></text:list>{_p("Entre.")}'
        f'<text:list text:style-name="L1">{_items("de nouveau un")}</text:list>'
    ),
    "open-merged-cells.odt": _odt(
        f'<table:table><table:table-row><table:table-cell table:number-rows-spanned="2">{_p("haut")}</table:table-cell><table:table-cell>{_p("x")}{_p("y")}'
        f"</table:table-cell></table:table-row><table:table-row><table:covered-table-cell/><table:table-cell>{_p('z')}</table:table-cell></table:table-row></table:table>"
    ),
    "open-tracked-changes.odt": _odt(
        f'<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>{_p("ôté")}</text:deletion></text:changed-region>'
        '<text:changed-region text:id="c2"><text:insertion/></text:changed-region></text:tracked-changes>'
        + _p('Un<text:change text:change-id="c1"/> <text:change-start text:change-id="c2"/>ajout<text:change-end text:change-id="c2"/>.')
    ),
    "open-contents.odt": _odt(
        f"<text:table-of-content><text:table-of-content-source/><text:index-body><text:index-title>{_p('Table des matières')}</text:index-title>"
        f'{_p("<text:a xlink:href=" + chr(34) + "#x" + chr(34) + ">Un<text:tab/>1</text:a>")}</text:index-body></text:table-of-content>'
        f'<text:h text:outline-level="2">Un</text:h>{_p("Page <text:page-number>2</text:page-number>.")}'
    ),
    "open-comments.odt": _odt(
        f'<text:h text:outline-level="2">Budget</text:h>{_p("Vu<office:annotation><dc:creator>X</dc:creator><text:p>à revoir</text:p></office:annotation> ici.")}'
    ),
    "open-formula.odt": _odt(
        _p('Soit <draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/></draw:frame> partout.'),
        **{"Object 1/content.xml": MATHML, "ObjectReplacements/Object 1": b"VCLMTF\x01"},
    ),
    "open-hidden-words.odt": _odt(
        _p('montré<text:span text:style-name="Hid">caché</text:span>') + f'<text:section text:display="none">{_p("caché aussi")}</text:section>'
        f'<text:section text:name="s">{_p("montré aussi")}</text:section>'
    ),
    "open-signs.odt": _odt(_p("co\u00adopérative<text:tab/>tab<text:line-break/>ligne") + _p("<text:script>alert(1)</text:script>mot")),
    "open-signs-of-a-font.odt": _odt(_p('<text:span text:style-name="Wing">ü\uf0fc</text:span> fait, \uf0b7 puce, \ue00c rien')),
    "open-styles.odt": _odt(_p("Chez nous", "Maison") + _p("Texte.") + _p("x = 1", "Code") + _p("y = 2", "Code")),
    "open-figures.odt": _odt(
        _p('<draw:frame text:anchor-type="paragraph"><draw:image xlink:href="Pictures/a.png"/><svg:title>Plan</svg:title></draw:frame>Autour du plan.')
        + f"<draw:frame><draw:text-box>{_p('Figure <text:sequence>1</text:sequence> : la carte')}</draw:text-box></draw:frame>"
        + _p(f"<draw:g><draw:custom-shape>{_p('Dans une forme')}</draw:custom-shape></draw:g>"),
        **{"Pictures/a.png": png()},
    ),
    "open-note-of-two-paragraphs.odt": _odt(
        _p(f'A<text:note text:note-class="endnote"><text:note-citation>i</text:note-citation><text:note-body>{_p("Un.")}{_p("Deux.")}</text:note-body></text:note>.')
    ),
}  # fmt: skip

FILES = WORD | OPEN
