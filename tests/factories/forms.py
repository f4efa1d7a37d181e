"""Forms of the pathway, and what projects send."""

import factory

from cohorts.models import FormFile, FormQuestion, FormReply, FormSending
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ProjectFactory, RequirementFactory, days
from tests.factories.typologies import words


class FormQuestionFactory(factory.django.DjangoModelFactory):
    """Of a pathway that no cohort uses yet: opening one freezes it."""

    class Meta:
        model = FormQuestion

    requirement = factory.SubFactory(RequirementFactory, kind="form")
    kind = FormQuestion.Kind.TEXT
    sort_order = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda row: words(f"What about {row.kind}?"))
    public_name = factory.LazyAttribute(lambda row: words(row.kind.title()))


class FormReplyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FormReply

    project = factory.SubFactory(ProjectFactory)
    requirement = factory.SubFactory(RequirementFactory, kind="form")


class FormSendingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FormSending

    reply = factory.SubFactory(FormReplyFactory)
    number = 1
    content = factory.LazyFunction(lambda: {"answers": [], "files": []})
    sent_at = days(-1)
    sent_by = factory.SubFactory(UserFactory)


class FormFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FormFile

    reply = factory.SubFactory(FormReplyFactory)
    question = factory.LazyAttribute(lambda row: FormQuestionFactory(requirement=row.reply.requirement, kind="file"))
    name = "plan.pdf"
    kind = "pdf"
    size = 9
    sha256 = "0" * 64
    file = factory.django.FileField(data=b"%PDF-1.7\n", filename="plan.pdf")
    added_by = factory.SubFactory(UserFactory)
