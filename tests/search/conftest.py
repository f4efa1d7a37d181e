"""The small site of the wiki's tests, and what waits for a commit done at once."""

import pytest

from tests.wiki.conftest import _in_english, english, french, home, home_en, members, page, secret, wiki

__all__ = ["_in_english", "english", "french", "home", "home_en", "members", "page", "secret", "wiki"]


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """A block; when it ends, the tasks that wait for its commit are done."""

    def run():
        return django_capture_on_commit_callbacks(execute=True)

    return run
