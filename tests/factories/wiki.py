"""The wiki, boring on purpose."""

import factory
import wagtail_factories
from django.utils import timezone

from wiki.models import (
    Answer,
    GlossaryTerm,
    ImportBatch,
    ImportItem,
    ImportSource,
    MonographPage,
    Question,
    SectionFiles,
    WikiPage,
    WikiPageTag,
    WikiSection,
    WikiTag,
)


class WikiSectionFactory(wagtail_factories.PageFactory):
    class Meta:
        model = WikiSection

    title = factory.Sequence(lambda n: f"Section {n}")
    summary = "What is here."


class WikiPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = WikiPage

    title = factory.Sequence(lambda n: f"Page {n}")
    summary = "What it says."


class MonographPageFactory(WikiPageFactory):
    class Meta:
        model = MonographPage


class WikiTagFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WikiTag

    name = factory.Sequence(lambda n: f"tag {n}")
    slug = factory.Sequence(lambda n: f"tag-{n}")


class WikiPageTagFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WikiPageTag

    tag = factory.SubFactory(WikiTagFactory)


class ImportSourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImportSource

    key = factory.Sequence(lambda n: f"pad-{n}.md")
    sha256 = "0" * 64
    imported_at = factory.Faker("date_time", tzinfo=__import__("datetime").UTC)


class GlossaryTermFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = GlossaryTerm

    term = factory.Sequence(lambda n: f"Term {n}")
    definition = "<p>What it means.</p>"


class ImportBatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImportBatch


class ImportItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImportItem

    batch = factory.SubFactory(ImportBatchFactory)
    path = factory.Sequence(lambda n: f"file-{n}.md")


class SectionFilesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SectionFiles


class QuestionFactory(factory.django.DjangoModelFactory):
    """Public, in English, and waiting."""

    class Meta:
        model = Question

    text = factory.Sequence(lambda n: f"How does thing {n} work?")
    language = "en"
    asker = factory.SubFactory("tests.factories.academy.UserFactory")
    asked_at = factory.LazyFunction(timezone.now)


class AnswerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Answer

    html = "<p>Like this.</p>"
    answered_at = factory.LazyFunction(timezone.now)
    answered_by = factory.SubFactory("tests.factories.academy.UserFactory")


def answered(**fields) -> Question:
    """A question with its answer."""
    html = fields.pop("html", "<p>Like this.</p>")
    question = QuestionFactory(state="answered", answered_at=timezone.now(), **fields)
    AnswerFactory(question=question, html=html)
    return question
