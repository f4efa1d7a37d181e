"""`make messages`: gathers the words to translate into `academy/locale/fr`, says which are missing or doubtful, and compiles.

The source is English, so French is the only catalogue. The compiled file is committed too (decision 0008): nobody who runs the Academy
needs gettext; only who changes its words.
"""

import re
import shutil
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

LANGUAGE = "fr"
DATE = re.compile(r'^"POT-Creation-Date:.*\n', re.M)
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Smart Academy\\n"
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""
NOT_OURS = [".venv", "var", "tests", "screenshots", "node_modules", ".ci"]


def is_missing(message: Message) -> bool:
    words = message.string if isinstance(message.string, tuple | list) else [message.string]
    return not all(words)


def unfinished(catalog: Catalog) -> tuple[list[Message], list[Message]]:
    """The words without a translation, and those with one that nobody has confirmed."""
    messages = [message for message in catalog if message.id]
    return [message for message in messages if is_missing(message)], [message for message in messages if message.fuzzy]


class Command(BaseCommand):
    help = "Extracts and compiles the French catalogue; fails when a translation is missing or fuzzy."

    def handle(self, *args, **options):
        if not all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msgfmt")):
            raise CommandError("Extracting words needs gettext: install it (on Debian: apt install gettext) and run this again.")
        file = Path(settings.LOCALE_PATHS[0]) / LANGUAGE / "LC_MESSAGES" / "django.po"
        if not file.exists():
            file.parent.mkdir(parents=True)
            file.write_text(HEADER, encoding="utf-8")
        before = file.read_text(encoding="utf-8")
        call_command(
            "makemessages", locale=[LANGUAGE], extensions=["html", "txt", "py"], ignore_patterns=NOT_OURS,
            add_location="file", no_wrap=True, no_obsolete=True, verbosity=0,
        )  # fmt: skip
        after = file.read_text(encoding="utf-8")
        if DATE.sub("", before) == DATE.sub("", after):
            file.write_text(before, encoding="utf-8")  # only the date would have changed
        with file.open("rb") as stream:
            missing, fuzzy = unfinished(read_po(stream))
        for title, messages in (("Missing", missing), ("Fuzzy", fuzzy)):
            for message in messages:
                where = message.locations[0][0] if message.locations else "?"
                self.stdout.write(f"{title}: {where}: {message.id[0] if isinstance(message.id, tuple | list) else message.id}")
        call_command("compilemessages", locale=[LANGUAGE], ignore_patterns=NOT_OURS, verbosity=0)
        if missing or fuzzy:
            raise CommandError(f"{len(missing)} translations are missing and {len(fuzzy)} are fuzzy in {file}.")
        self.stdout.write("Every word is translated.")
