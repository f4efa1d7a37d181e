"""An assignment in a module, and whose work it is: one person's, or their project's."""

import pytest
from django.utils import translation

from courses.groups import Owner, groups_of
from tests.factories import cohorts as make
from tests.factories.courses import (
    make_assignment,
    make_module,
)


@pytest.fixture
def module():
    return make_module("The need")


@pytest.fixture
def page(module):
    return make_assignment(module)


@pytest.fixture
def me(promoter):
    return Owner(person=promoter)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def project(promoter, other_promoter):
    project = make.ProjectFactory(name="Oficio")
    make.ProjectMemberFactory(project=project, person=promoter)
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    return project


@pytest.fixture
def ours(project, promoter):
    return Owner(group=groups_of(promoter)[0])
