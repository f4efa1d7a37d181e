"""The page tree: pages made once per language, found again by their translation key wherever they were moved since."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.log_actions import log
from wagtail.models import Locale, Page, PageLogEntry, Site

from academy.management.starter.texts import LANGUAGES, LINK, content, key_of, read_text, read_yaml
from academy.models import HomePage
from courses.models import CourseIndexPage, ModuleLibraryPage
from wiki.importer import blocks_from_markdown
from wiki.models import WikiSection

# The importer keeps only addresses that a page may lead to, so links between starter pages travel in this disguise.
DISGUISE = "https://starter.invalid/"
ANCHOR = re.compile(rf'<a href="{re.escape(DISGUISE)}([a-z0-9/-]+)"[^>]*>(.*?)</a>', re.DOTALL)


class Tree:
    """What setup has found or made in one run, by name and language. `made` counts new pages."""

    def __init__(self) -> None:
        self.locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
        self.made: list[Page] = []

    def find(self, name: str, language: str) -> Page | None:
        return Page.objects.filter(translation_key=key_of(name), locale=self.locales[language]).first()

    def was_removed(self, name: str, language: str) -> bool:
        """It was made once and somebody has deleted it since: it does not come back."""
        return PageLogEntry.objects.filter(action="wagtail.create", data__starter=name, data__language=language).exists()

    def ensure(
        self, name: str, language: str, parent: Page | None, model: type[Page], *, again: bool = False, **fields: Any
    ) -> Page | None:
        """The page of this name, made under `parent` when it never existed. `again`: the site cannot do without it."""
        page = self.find(name, language)
        if page is not None:
            return page
        if parent is None or (self.was_removed(name, language) and not again):
            return None
        fields["slug"] = self._free_slug(parent, fields["slug"])
        page = parent.add_child(instance=model(translation_key=key_of(name), locale=self.locales[language], live=True, **fields))
        log(page, "wagtail.create", data={"starter": name, "language": language})
        self.made.append(page)
        return page

    def _free_slug(self, parent: Page, slug: str) -> str:
        taken = set(parent.get_children().values_list("slug", flat=True))
        wanted, number = slug, 2
        while slug in taken:
            slug, number = f"{wanted}-{number}", number + 1
        return slug

    def blocks(self, markdown: str, *, name: str, language: str) -> list[dict]:
        """The body of a page, with links between starter pages as links that follow the page when it moves."""
        blocks = blocks_from_markdown(LINK.sub(rf"]({DISGUISE}\1/\2)", markdown), source_key=name)

        def link(match: re.Match) -> str:
            page = self.find(match[1], language)
            return f'<a linktype="page" id="{page.pk}">{match[2]}</a>' if page else match[2]

        def walk(value: Any) -> Any:
            if isinstance(value, str):
                return ANCHOR.sub(link, value)
            if isinstance(value, list):
                return [walk(item) for item in value]
            return {key: walk(item) for key, item in value.items()} if isinstance(value, dict) else value

        return walk(json.loads(json.dumps(blocks)))

    def publish_new(self) -> None:
        """One revision for each page made in this run, once they all exist and know each other."""
        for page in self.made:
            page.refresh_from_db(fields=["numchild"])  # children were made since, and publishing writes the whole row
            page.save_revision(log_action=False).publish(log_action=False)


def make_frame(tree: Tree) -> None:
    """Home pages, the wiki's top, the module library and the list of courses, in both languages."""
    root = Page.objects.get(depth=1)
    home, courses = read_yaml(content("academy") / "home.yaml"), read_yaml(content("courses") / "courses.yaml")
    for language in LANGUAGES:
        first = language == settings.LANGUAGE_CODE
        slug = "home" if first else f"home-{language}"
        if first:
            _remove_welcome_page(root)
        words = {"title": home["title"][language], "lead": home["lead"][language], "slug": slug}
        front = tree.ensure("home", language, root, HomePage, again=True, **words)
        wiki = read_text(content("wiki") / language / "_wiki.md")
        tree.ensure("wiki", language, front, WikiSection, again=True, slug="wiki", title=wiki.title, summary=wiki.summary)
        for name, model, part in (("modules", ModuleLibraryPage, "library"), ("courses", CourseIndexPage, "index")):
            words = {"title": courses[part]["title"][language], "summary": courses[part]["summary"][language]}
            tree.ensure(name, language, front, model, again=True, slug=name, **words)
    _point_site_at(tree.find("home", settings.LANGUAGE_CODE))


def fill_homes(tree: Tree) -> None:
    """The words under the front door, once the pages they lead to exist."""
    home = read_yaml(content("academy") / "home.yaml")
    for page in tree.made:
        if isinstance(page, HomePage):
            language = page.locale.language_code
            page.body = tree.blocks(home["body"][language], name="home", language=language)


def _remove_welcome_page(root: Page) -> None:
    """The page that Wagtail's own first migration makes, if it is still as it was."""
    welcome = root.get_children().filter(slug="home", content_type__model="page", numchild=0).first()
    if welcome is not None:
        root.refresh_from_db()
        Site.objects.filter(root_page=welcome).update(root_page=root)
        welcome.delete()


def _point_site_at(home: Page) -> None:
    """One site, at the address that the environment says. With several sites, their addresses are the administrator's affair."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    sites = list(Site.objects.all())
    if len(sites) > 1:
        return
    site = sites[0] if sites else Site(is_default_site=True)
    wanted = {"hostname": address.hostname, "port": port}
    if site.pk is None or site.root_page.depth == 1:
        wanted["root_page_id"] = home.pk
    if site.pk is None:
        wanted["site_name"] = settings.WAGTAIL_SITE_NAME
    if any(getattr(site, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(site, name, value)
        site.save()
