"""`manage.py screenshots`: the picture of the README, taken in Chromium from the production server on this installation's demo data."""

import io
import shutil

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from PIL import Image

from academy.management.commands.bench import session_of
from academy.management.server import serving

PICTURE = settings.PROJECT_DIR / ".github" / "academy.png"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"]
GAP, HEIGHT = 24, 860


class Command(BaseCommand):
    help = "Takes the picture of the README anew: the home page, and a promoter's pathway on a phone."

    def handle(self, *args, **options):
        try:
            from playwright.sync_api import sync_playwright  # only where the tests' packages are installed
        except ImportError:
            raise CommandError("Pictures need the packages of the tests: say `make screenshots`.") from None
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if chromium is None:
            raise CommandError("Pictures need Chromium: install it (on Debian: apt install chromium) and run this again.")
        promoter = get_user_model().objects.filter(email="promoter@demo.example").first()
        if promoter is None:
            raise CommandError("There is no demo data here: run `manage.py demo` first, or `make screenshots`.")
        session = session_of(promoter)
        with translation.override("en"):
            pathway = reverse("cohorts_my_pathway")
        with serving("academy.wsgi:application") as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.address}
            shots = [
                photograph(browser, f"{server.address}/en/", 1240),
                photograph(browser, f"{server.address}{pathway}", 400, cookie),
            ]
            browser.close()
        PICTURE.parent.mkdir(exist_ok=True)
        side_by_side(shots).save(PICTURE, optimize=True)
        self.stdout.write(f"{PICTURE.relative_to(settings.PROJECT_DIR)} is new ({PICTURE.stat().st_size // 1024} KB).")


def photograph(browser, address: str, width: int, *cookies: dict) -> Image.Image:
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, locale="en-GB", color_scheme="light")
    context.add_cookies(list(cookies))
    page = context.new_page()
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status != 200:
        raise CommandError(f"{address} answered {answer.status if answer else 'nothing'}.")
    shot = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    return shot


def side_by_side(shots: list[Image.Image]) -> Image.Image:
    """On a grey ground that shows where each screen ends, in light and in dark; in 128 colours, which screens never notice."""
    sheet = Image.new("RGB", (sum(shot.width for shot in shots) + GAP * (len(shots) + 1), HEIGHT + 2 * GAP), "#d9d9d4")
    left = GAP
    for shot in shots:
        sheet.paste(shot, (left, GAP))
        left += shot.width + GAP
    return sheet.quantize(128)
