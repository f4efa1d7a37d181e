"""From a text to the words that are compared. Pure: the same for what is indexed and for what is typed, on every database.

A word gives several forms: as it is written without its accents, and its stems (case folded, Snowball of its language, then accents
stripped). Two words meet when they share a form. What the stemmers of French do not join is joined here: the third person
plural (embauchent, embauche), feminines of trades (travailleuse, travailleur), what is typed without accents (salariee).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

VERSION = 1  # one more with each change of what a text becomes: `manage.py setup` then makes the index anew
MOST_WORDS = 60_000  # of one row: PostgreSQL's vector of words must stay under a megabyte
LONGEST_WORD = 60
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "eo": "esperanto",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# A word cut at the end of a line by a soft hyphen (U+FFFE is how PDFium writes it) is one word; other invisible marks are nothing.
_CUT = re.compile("[\u00ad\ufffe\x02][ \t]*(?:\r?\n[ \t]*)?")
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\uffff\ufff9-\ufffc]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]"
)
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ĳ": "ij"})

APOSTROPHES = "'’ʼ‘`´′＇"
_ELIDED = {"l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
_CLITICS = {"s", "t", "d", "m", "re", "ve", "ll"}  # of English: company’s, don’t

_DOTS = "·•‧∙⋅․"
_ANY_ENDING = (
    "trice|rice|ice|ère|ière|euse|ive|elle|enne|onne|ienne|esse|ale|ane|ine|une|ette|te|se|fe|ve|le|ne|de|che|que|gue|lle|nne|sse|tte|e"
)
_SURE_ENDING = "trice|rice|ère|ière|euse|ive|enne|ne|e"
_TOKEN = re.compile(
    rf"(?P<base>[^\W\d_]{{2,}})"
    rf"(?:[{_DOTS}](?P<dotted>(?:{_ANY_ENDING}))(?:[{_DOTS}]?(?P<dotted_many>[sx]))?|[{_DOTS}](?P<only_many>[sx])"
    rf"|(?P<mark>[-‐‑.(/])(?P<marked>(?:{_SURE_ENDING}))(?:[-‐‑.)/]?(?P<marked_many>[sx]))?\)?)(?![^\W_])"
    r"|[^\W_]+",
    re.IGNORECASE,
)
# How a feminine ending takes the place of the end of the word: acteur·rice, travailleur·euse, sportif·ive.
_JOINTS = (
    ("trice", ("teur",)), ("rice", ("eur",)), ("ice", ("eur",)), ("euse", ("eur", "eux")), ("ière", ("ier",)), ("ère", ("er",)),
    ("ive", ("if",)), ("elle", ("el",)), ("enne", ("en",)), ("ienne", ("ien",)), ("onne", ("on",)), ("ale", ("al",)), ("ve", ("f",)),
    ("se", ("x",)), ("che", ("c",)), ("que", ("c",)),
)  # fmt: skip
_FEMININES = (("trices", "teurs"), ("trice", "teur"), ("euses", "eurs"), ("euse", "eur"))

STOP_WORDS = {
    "fr": frozenset(
        ["a", "ai", "as", "au", "aux", "avec", "c", "ce", "ceci", "cela", "ces", "cet", "cette", "d", "dans", "de", "des", "du", "elle", "elles", "en", "es", "est", "et", "etre", "eu", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs", "lui", "m", "ma", "mais", "me", "mes", "moi", "mon", "n", "ne", "nos", "notre", "nous", "on", "ont", "ou", "par", "pas", "pour", "qu", "que", "quel", "quelle", "quelles", "quels", "qui", "s", "sa", "sans", "se", "ses", "si", "son", "sont", "sur", "t", "ta", "te", "tes", "toi", "ton", "tu", "un", "une", "vos", "votre", "vous", "y", "sommes", "etes", "suis"]
    ),
    "en": frozenset(
        ["a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "she", "so", "that", "the", "their", "them", "they", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your"]
    ),
    "nl": frozenset(["de", "het", "een", "en", "van", "in", "is", "op", "te", "dat", "die", "voor", "met", "zijn", "niet", "aan", "er", "om", "ook", "als", "dan", "maar", "bij", "of", "uit", "naar", "wij", "u", "je"]),
    "de": frozenset(["der", "die", "das", "und", "in", "zu", "den", "ist", "von", "mit", "sich", "des", "auf", "für", "ein", "eine", "im", "dem", "nicht", "als", "auch", "es", "an", "aus", "er", "sie", "wir", "nach", "bei"]),
    "es": frozenset(["de", "la", "que", "el", "en", "y", "a", "los", "del", "se", "las", "por", "un", "para", "con", "no", "una", "su", "al", "lo", "como", "más", "pero", "sus", "le", "ya", "o", "este", "es", "son"]),
    "it": frozenset(["di", "e", "il", "la", "che", "in", "un", "a", "per", "è", "una", "del", "sono", "le", "con", "non", "si", "da", "dei", "della", "i", "gli", "al", "come", "più", "nel", "ma"]),
    "pt": frozenset(["de", "a", "o", "que", "e", "do", "da", "em", "um", "para", "é", "com", "não", "uma", "os", "no", "se", "na", "por", "mais", "as", "dos", "como", "mas", "foi", "ao", "das", "à", "são"]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text and where it stands. `variants` are the other words that an inclusive spelling stands for."""

    start: int
    end: int
    word: str
    variants: tuple[str, ...] = ()


def cleaned(text: str) -> str:
    """The text as it is kept and shown: composed letters, no invisible marks, words cut by a soft hyphen made whole."""
    return _INVISIBLE.sub(" ", _CUT.sub("", unicodedata.normalize("NFC", text or "")))


@lru_cache(maxsize=100_000)
def folded(word: str) -> str:
    """Without case, ligatures and accents."""
    word = word.casefold().translate(_LETTERS)
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


_stemmers: dict[str, object] = {}


def _snowball(word: str, language: str) -> str:
    if language not in _stemmers:
        _stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return _stemmers[language].stemWord(word)


@lru_cache(maxsize=200_000)
def forms(word: str, language: str) -> tuple[str, ...]:
    """The word without accents first, then its stems. A language without a stemmer has the first alone."""
    plain = folded(word)[:LONGEST_WORD]
    language = language[:2]
    if language not in STEMMERS or plain.isdigit() or len(plain) < 3:
        return (plain,)
    lower = word.casefold().translate(_LETTERS)[:LONGEST_WORD]
    found = {plain: None, folded(_snowball(lower, language)): None}
    if language == "fr":
        found |= dict.fromkeys(_french_stems(lower, plain))
    return tuple(form for form in found if form)


def _french_stems(lower: str, plain: str) -> Iterator[str]:
    if lower.endswith("ent") and len(lower) > 5:
        yield folded(_snowball(lower[:-2], "fr"))
    for feminine, masculine in _FEMININES:
        if plain.endswith(feminine) and len(plain) > len(feminine) + 1:
            yield folded(_snowball(lower[: -len(feminine)] + masculine, "fr"))
            break
    light = plain.rstrip("sx") if len(plain) > 3 else plain
    light = light.rstrip("e") if len(light) > 3 else light
    yield f"{light[:-1]}i" if light.endswith("y") else light


def _feminine(base: str, ending: str) -> str:
    lower = base.lower()
    for joint, cuts in _JOINTS:
        if ending == joint:
            for cut in cuts:
                if lower.endswith(cut):
                    return base[: -len(cut)] + ending
    return base + ending


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, in order: without l’ and d’, without the ’s of English; an inclusive spelling is one word."""
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        base = match["base"]
        if base is None:
            word = match[0]
            if end < len(text) and text[end] in APOSTROPHES and word.lower() in _ELIDED and text[end + 1 : end + 2].isalnum():
                continue
            if start > 1 and text[start - 1] in APOSTROPHES and word.lower() in _CLITICS and text[start - 2].isalnum():
                continue
            yield Token(start, end, word)
            continue
        ending = (match["dotted"] or match["marked"] or "").lower()
        many = match["dotted_many"] or match["marked_many"] or match["only_many"] or ""
        if match["mark"] == "(" and ")" not in match[0]:
            end = start + len(base)
        feminine = _feminine(base, ending) if ending else base
        variants = {feminine: None, base + many: None, feminine + many: None}
        variants.pop(base, None)
        yield Token(start, end, base, tuple(variants))


def indexed(text: str, language: str, *, most: int = MOST_WORDS) -> str:
    """The words of a text as the index keeps them: all in their order, then once each what else they are found by."""
    main: list[str] = []
    others: dict[str, None] = {}
    for token in tokens(text):
        plain, *stems = forms(token.word, language)
        main.append(plain)
        others.update(dict.fromkeys(stems))
        for variant in token.variants:
            others.update(dict.fromkeys(forms(variant, language)))
        if len(main) >= most:
            break
    known = set(main)
    return " ".join([*main, *(form for form in others if form not in known)])


def file_words(name: str) -> str:
    """The name of a file as a sentence: cut at _ - . / @ by `tokens`, and here between small and capital letters, letters and digits."""
    name = name.rsplit("/", 1)[-1]
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", name)
    return name if apart == name else f"{name} {apart}"


def as_key(text: str) -> str:
    """A title as one string to compare: its words without accents, in order."""
    return " ".join(folded(token.word) for token in tokens(cleaned(text)))[:120]


def language_of(text: str, *, fallback: str = "") -> str:
    """The language of a text, by its small words; the fallback where they do not tell."""
    sample = [word.lower() for word in re.findall(r"[^\W\d_]+", text[:20_000])[:2000]]
    counts = {language: sum(word in small for word in sample) for language, small in _SMALL.items()}
    best = max(counts, key=lambda language: counts[language])
    others = max(count for language, count in counts.items() if language != best)
    return best if counts[best] >= max(1, len(sample) * 0.08) and counts[best] > others * 1.15 else fallback


_SMALL = {language: words | ({"à", "être", "été"} if language == "fr" else set()) for language, words in STOP_WORDS.items()}
