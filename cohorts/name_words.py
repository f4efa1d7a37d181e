"""Which words of a project's name name it: “Tournesol” in “Coopérative du Tournesol”, none in “Coopérative du Nord”. No ORM.

A word that half of the projects could have in their name, or that a sentence needs, stays where it is written: hidden, it would make
the text unreadable and protect nobody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from django.conf import settings

from academy.countries import country_names

LEAST = 4  # letters

# Of legal forms, of what projects are and do, and the small words of both languages; without accents
GENERIC = frozenset(
    re.findall(
        r"\w+",
        """
about above academie academy after again against agence agencies agency agricole agriculture alliance alors already also although
always amicale among another ansbl apres artisan artisans artist artiste artistes artistic artistique arts asbl asociacion
assemblee assembly assez associatif association associative associazione atelier ateliers aucun aussi autonome autonomes autonomie
autonomous autonomy autour autre autres avant avec avez avoir bank banque base beaucoup before behind being belge belges belgian
belgique belgium below between bien both brussels bruxelles bureau business bvba cafe came capital care cela celle celles celui
cent center central centrale centre centro cette ceux chaque chez choix cinema citizen citizens citoyen citoyenne citoyens city
club colectivo collectif collective come comite comme comment committee common commons commun communaute commune community communs
compagnie companies company comunidad confederation conseil consortium consulting contre coop coope cooperatie cooperation
cooperativa cooperative cooperatives cooperativo cooperer coordination could council country craft crafts creatif creation
creative creatives creativity cultural culture culturel culturelle culturelles culturels dance dans danse deja demain depuis
derriere design deux devant development developpement digital digitale does doit donc done dont dossier down durable each east
ecole economic economics economie economique economy education elle elles emploi employeurs employment encore energie energy
ensemble enterprise enterprises entre entrepreneur entrepreneuriat entrepreneurs entreprise entreprises environment equipe espace
espaces etaient etait etant etre eurl europe european europeen europeenne even ever every fair faire fait faut federation feminine
femme femmes film films finance find first five flandre fois fond fondation fonds font food formation forum foundation founder
four francais francaise france free freelance freelancer freelances from fund fundacion garden general generale gesellschaft give
gmbh goes good great green group groupe groupement guild habitat have health help here hier high home house housing idea ideas
idee impact inclusion independant independante independants independent industrie industry info initiative innovation innovations
institut institute institution interim international internationale into italian italien jamais jardin jeune jeunes jobs join jour
journalist journalistes journalists jours just justice keep know kooperative label labo laboratoire laboratory labour language
last learning less leur leurs libre life like limited link live local locale locales locaux logement loin long look lorsque ltda
made main maintenant mais maison maisons make maker makers malgre many marche market media medias members membres meme metier
metiers mieux mission mobile mobilite mobility moins mois moment monde more most mouvement movement much music musicien musiciens
musique must mutual mutuelle nation national nationale near need network networks never next nine nombre none nord north notre
nous nouveau nouvel nouvelle nouvelles office online only open organic organisation organization other ouest ouvert ouverte
ouvrier ouvriere over parce parfois parmi part partage partagee partenaires partner partners partnership partout past pays people
performance petit petite peut peuvent place plan planet plate plateforme platform platforms plus plusieurs plutot population pour
pourquoi pouvoir power practice premier premiere presque producers producteur producteurs production productions professional
professionnels program programme project projects projet projets public publics publique quality quand quartier quatre quel quelle
quelque quelques quoi reach real recherche region regional regionale research reseau reseaux rien rural rurale safe salarie
salaries same sans sante sarl school scic scop second self sera seront service services seven several shall shared sharing shop
should since site small smart social sociale sociales sociaux sociedad societe society solidaire solidaires solidarite solidarity
solution solutions some sommes sont soon sous south souvent spectacle spol sport stage start startup station store street studio
studios such suis support surtout sustainable syndicat syndicate take tant tard team tech technologie technologies technology
terre test than that theater theatre their them then there these they thing think third this those three through time together
toujours tourism tourisme tous tout toute toutes town trade training transition transport travail travailler travailleur
travailleurs travailleuse travailleuses travel tribune trois trop under union unions united universite university until upon
urbain urban used using verein vers vert verte very video vient village ville vivant vivre voice voici voila voix votre vous
wallonie want water week well were west what when where which while whom whose will with without woman women wood work worker
workers working works workshop workspace world would write writers year years young your youth zone
""",
    )
)


# Scripts that put no space around a word, or write small words onto it: there a name is found inside what looks like a longer one
RUN_ON = frozenset({"CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "ARABIC", "HEBREW"})
SYLLABLES = ("\uac00", "\ud7a3")  # of Korean: they have no accents, though they come apart


def plain(text: str) -> str:
    """Without accents, character for character: places in it are places in the text."""
    return "".join(
        unicodedata.normalize("NFD", one)[0] if one.isalpha() and not SYLLABLES[0] <= one <= SYLLABLES[1] else one for one in text
    )


def words_in(text: str) -> list[str]:
    """Runs of letters and figures, with the signs that the scripts of India and others write on them."""
    return "".join(one if unicodedata.category(one)[0] in "LMN" else " " for one in unicodedata.normalize("NFC", text)).split()


def runs_on(word: str) -> bool:
    """Whether a word may stand in a text with nothing around it to tell."""
    scripts = {unicodedata.name(one, "").split(" ")[0] for one in word if one.isalpha()}
    return len(word) > 1 and scripts <= RUN_ON and (len(word) > 2 or not scripts & {"ARABIC", "HEBREW"})


@lru_cache(maxsize=1)
def _of_countries() -> frozenset[str]:
    names = " ".join(name for code, _name in settings.LANGUAGES for name in country_names(code))
    return frozenset(re.findall(r"[^\W\d_]+", plain(names).casefold()))


def is_generic(word: str) -> bool:
    """One word that names nobody; not two of them, which together may be a name."""
    word = plain(word).casefold()
    forms = {word, word.removesuffix("s"), f"{word}s"}
    return bool(forms & GENERIC) or word in _of_countries()


def distinctive(name: str) -> set[str]:
    """The words of a name that are its own, as they are written in it."""
    words = words_in(name)
    return {word for word in words if len(word) >= LEAST and not word.isdigit() and not is_generic(word)}
