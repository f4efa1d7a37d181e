"""The house rules of decisions 0001 to 0006, checked on the code as it stands."""

import ast
import inspect
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.template import engines
from wagtail.models import Page

ROOT = Path(__file__).resolve().parent.parent
ARROW = ["academy", "wiki", "courses", "cohorts"]
# The shell may know every app: the map of the site, its own pages, and the commands that start it.
SHELL = ("academy/urls.py", "academy/views.py", "academy/management/")

# What a clone holds at its top; anything else needs a decision record.
TOP = {
    "academy", "wiki", "courses", "cohorts", "templates", "static", "tests", "manage.py", "requirements.txt", "README.md",
    "Makefile", "CHANGELOG.md", "pyproject.toml", "requirements-dev.txt",
}  # fmt: skip

# Path → reason. Empty is the aim; a reason is a promise to look again.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

PYTHON = sorted(path for app in ARROW for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def test_imports_point_left():
    wrong = []
    for path in PYTHON:
        app = relative(path).split("/")[0]
        if relative(path).startswith(SHELL):
            continue
        for name in imported_modules(ast.parse(path.read_text(encoding="utf-8"))):
            other = name.split(".")[0]
            if other in ARROW and ARROW.index(other) > ARROW.index(app):
                wrong.append(f"{relative(path)} imports {name}")
    assert wrong == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="Only a clone knows what was committed.")
def test_top_level_holds_what_was_agreed():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    assert {name for name in {path.split("/")[0] for path in listed} if not name.startswith(".")} - {""} == TOP


def test_no_file_is_a_junk_drawer():
    names = {"utils.py", "helpers.py", "common.py", "mixins.py"}
    assert [relative(path) for path in PYTHON if path.name in names] == []


def test_files_stay_under_500_lines():
    tests = (ROOT / "tests").rglob("*.py")
    long = {relative(path) for path in [*PYTHON, *tests] if path.read_text(encoding="utf-8").count("\n") > 500}
    assert long == set(LONG_FILES)


def test_functions_stay_under_60_lines():
    long = set()
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 60:
                long.add(f"{relative(path)}:{node.name}")
    assert long == set(LONG_FUNCTIONS)


INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)(?![^>]*type="application/(?:json|ld\+json)")[^>]*>|<style\b|\sstyle=["']|\son[a-z]+=["']|javascript:""", re.I
)


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "emails" not in path.parts and "email" not in path.parts], ids=relative)
def test_template_has_no_inline_script_or_style(path):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert INLINE.findall(text) == []


def public_actions():
    for app in ARROW:
        for path in sorted((ROOT / app).glob("actions.py")) + sorted((ROOT / app).glob("actions/*.py")):
            module = import_module(relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if not name.startswith("_") and function.__module__ == module.__name__:
                    yield pytest.param(function, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("action", list(public_actions()))
def test_verb_says_who_by_keyword(action):
    parameters = list(inspect.signature(inspect.unwrap(action)).parameters.values())
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    assert len(positional) <= 1, f"only the object may be positional: {positional}"
    assert "by" in [p.name for p in parameters if p.kind == p.KEYWORD_ONLY]


OUR_MODELS = [model for app in ARROW for model in apps.get_app_config(app).get_models() if not model._meta.auto_created]


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_model_names_its_rows(model):
    assert model.__str__ is not models.Model.__str__


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_pairs_of_date_and_author_are_constrained(model):
    """`decided_at` without `decided_by` is a bug report in waiting; an author set to NULL on erasure is the exception."""
    names = {field.name for field in model._meta.local_fields}
    constrained = " ".join(
        str(constraint.condition) for constraint in model._meta.constraints if isinstance(constraint, models.CheckConstraint)
    )
    missing = []
    for name in names:
        stem = name.removesuffix("_at")
        if not name.endswith("_at") or f"{stem}_by" not in names:
            continue
        date, author = model._meta.get_field(name), model._meta.get_field(f"{stem}_by")
        if not date.null or author.remote_field.on_delete is models.SET_NULL:
            continue
        if name not in constrained or f"{stem}_by" not in constrained:
            missing.append(stem)
    assert missing == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class UndefinedVariable(str):
    """Makes Django raise where a template prints a variable that nobody gave it."""

    __slots__ = ()

    def __contains__(self, _item):
        return True

    def __mod__(self, variable):
        raise AssertionError(f"undefined template variable: {variable}")


@pytest.fixture
def strict_templates(monkeypatch):
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", UndefinedVariable("undefined"))


def page_models():
    return [model for model in OUR_MODELS if issubclass(model, Page)]


@pytest.mark.django_db
@pytest.mark.parametrize("model", page_models(), ids=lambda model: model._meta.label)
def test_empty_page_renders_with_no_undefined_variable(model, strict_templates):
    """A draft may be empty anywhere (Wagtail 7): its preview must still be a page."""
    home = Page.objects.filter(depth=2).first()
    page = home.add_child(instance=model(title="Empty", slug="empty-page", live=True))
    response = page.make_preview_request(preview_mode=page.default_preview_mode)
    assert response.status_code == 200


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "emails").glob("*.txt")), ids=relative)
def test_letter_of_plain_text_uses_no_tag_that_writes_markup(path):
    """Dates and buttons of `ui` are HTML; the colon before an address is the language's own (`mail_way`)."""
    text = path.read_text()
    assert re.findall(r"{% load [^%]*\bui\b", text) + re.findall(r"[%}]}:\n", text) + re.findall(r"<\w", text) == []
