"""An import that is cut: killed in the middle, stopped by its owner, abandoned by its worker; and what the clock does about it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy import sandbox
from academy.models import AcademyDocument, AcademyImage
from academy.rules import RuleViolation
from academy.sentences import Sentence
from tests.factories.files import png
from tests.prepared import starter
from tests.wiki.test_import_pictures import odt, word
from tests.wiki.test_import_tree import bring, everything, folder_of, outcomes
from wiki import actions, staging
from wiki.actions import running
from wiki.intake import brought_by
from wiki.models import ImportBatch, ImportItem, WikiPage

ROOT = Path(__file__).resolve().parent.parent.parent
State, Outcome = ImportBatch.State, ImportItem.Outcome


def pages_of(count: int) -> dict:
    return {f"{n:03}.md": f"# Page {n}\n\nTexte [suite]({(n + 1) % count:03}.md)." for n in range(count)}


def prepared(section, folder) -> ImportBatch:
    batch = actions.open_batch(section, brought=brought_by(folder), queue=False)
    return actions.read_batch(batch, by=None)


def dies_after(count: int):
    """A worker that dies (as a process does: whatever is not committed is gone) after so many files."""
    done, bring_one = [], running._Run._bring

    def dying(self, item):
        bring_one(self, item)
        if item.becomes == "page":
            done.append(item)
        if len(done) > count:
            raise SystemExit

    return dying


def test_a_cut_import_goes_on_without_twins(wiki, tmp_path, monkeypatch):
    batch = actions.start_batch(prepared(wiki, folder_of(pages_of(8), tmp_path / "x")), by=None, queue=False)
    with monkeypatch.context() as patched:
        patched.setattr(running._Run, "_bring", dies_after(3))
        with pytest.raises(SystemExit):
            actions.run_batch(batch, by=None)
    assert WikiPage.objects.live().count() == 3
    assert not ImportBatch.objects.abandoned().exists()
    actions.run_batch(batch, by=None)  # somebody may still be at work: this one leaves it alone
    assert WikiPage.objects.live().count() == 3
    ImportBatch.objects.update(beat_at=timezone.now() - timedelta(minutes=4))
    call_command("tick", verbosity=0)
    batch.refresh_from_db()
    assert batch.state == State.DONE
    assert WikiPage.objects.live().count() == WikiPage.objects.count() == 8
    assert {page.revisions.count() for page in WikiPage.objects.all()} == {1}
    assert set(outcomes(batch).values()) == {Outcome.CREATED}


MIXED = {
    "00/plan.png": png(5, 5),
    "00/tarifs.csv": "a,b\n1,2\n",
    "00/un.docx": word((png(6, 6), "La carte"), (png(5, 5), "Le plan")),
    "01/deux.md": "# Deux\n\n![Le plan](../00/plan.png)\n\nVoir [les tarifs](../00/tarifs.csv) et [un](../00/un.docx).",
    "02/bilan.csv": "c,d\n3,4\n",
    "02/trois.odt": odt((png(6, 6), "La carte")),
}


@pytest.mark.parametrize("count", range(1, 9))
def test_files_and_pictures_have_no_twins_wherever_it_is_cut(wiki, tmp_path, monkeypatch, count):
    batch = actions.start_batch(prepared(wiki, folder_of(MIXED, tmp_path / "x")), by=None, queue=False)
    with monkeypatch.context() as patched:
        done, bring_one = [], running._Run._bring

        def dying(self, item):
            bring_one(self, item)
            done.append(item)
            if len(done) > count:
                raise SystemExit

        patched.setattr(running._Run, "_bring", dying)
        with pytest.raises(SystemExit):
            actions.run_batch(batch, by=None)
    ImportBatch.objects.update(beat_at=timezone.now() - timedelta(minutes=4))
    call_command("tick", verbosity=0)
    batch.refresh_from_db()
    assert batch.state == State.DONE
    assert Outcome.REFUSED not in outcomes(batch).values()
    assert everything()[:2] == (3, 4)
    pictures = {image.pk: image.file.size for image in AcademyImage.objects.all()}
    assert len(pictures) == 3  # the map of 00 and of 02 is one for each section: their readers may differ
    files = AcademyDocument.objects.exclude(collection__name="Imports")
    assert sorted(files.values_list("title", flat=True)) == ["bilan.csv", "tarifs.csv"]
    two = WikiPage.objects.get(title="Deux")
    text = str(two.body.get_prep_value())
    assert f'linktype="document" id="{files.get(title="tarifs.csv").pk}"' in text
    assert f'linktype="page" id="{WikiPage.objects.get(title="Un").pk}"' in text
    assert [block.block_type for block in two.body] == ["image", "text"]


def test_a_stopped_import_leaves_what_is_done_and_no_empty_page(wiki, tmp_path, trainer, monkeypatch, django_capture_on_commit_callbacks):
    batch = actions.start_batch(prepared(wiki, folder_of(pages_of(6), tmp_path / "x")), by=trainer, queue=False)

    def stopping(self, item):
        if item.path == "002.md" and item.outcome:
            actions.cancel_batch(batch, by=trainer)

    monkeypatch.setattr(running._Run, "_remember", stopping)
    with django_capture_on_commit_callbacks(execute=True):
        actions.run_batch(batch, by=trainer)
    monkeypatch.undo()
    batch.refresh_from_db()
    assert batch.state == State.CANCELLED
    assert WikiPage.objects.count() == WikiPage.objects.live().count() == 3
    assert not staging.folder_of(batch.pk).exists()
    again = bring(wiki, tmp_path / "x")
    assert again.state == State.DONE
    assert WikiPage.objects.live().count() == 6
    linked = WikiPage.objects.get(title="Page 2")
    assert f'id="{WikiPage.objects.get(title="Page 3").pk}"' in str(linked.body.get_prep_value())


def test_what_a_stop_leaves_is_tidied_later_when_another_import_is_at_work_there(wiki, tmp_path, trainer, monkeypatch):
    """The stop itself is quick, however many pages wait for their text; nobody else's work is taken away."""
    folder = folder_of(pages_of(6), tmp_path / "x")
    stopped = actions.start_batch(prepared(wiki, folder), by=trainer, queue=False)
    with monkeypatch.context() as patched:
        patched.setattr(running._Run, "_bring", dies_after(2))
        with pytest.raises(SystemExit):
            actions.run_batch(stopped, by=trainer)
    with CaptureQueriesContext(connection) as queries:
        actions.cancel_batch(stopped, by=trainer)
    assert len(queries) < 20
    assert WikiPage.objects.count() == 6
    other = actions.start_batch(prepared(wiki, folder), by=trainer, queue=False)
    assert actions.tidy_batch(stopped, by=trainer) is False
    assert WikiPage.objects.count() == 6
    actions.run_batch(other, by=trainer)
    ImportBatch.objects.filter(pk=stopped.pk).update(ended_at=timezone.now() - timedelta(minutes=4))
    call_command("tick", verbosity=0)
    assert not staging.folder_of(stopped.pk).exists()
    assert WikiPage.objects.live().count() == WikiPage.objects.count() == 6
    assert {page.revisions.count() for page in WikiPage.objects.all()} == {1}


def test_one_bad_file_does_not_stop_the_others(wiki, tmp_path, monkeypatch):
    bring_one = running._Run._bring

    def failing(self, item):
        bring_one(self, item)
        if item.path == "001.md":
            raise ValueError("something nobody thought of")

    monkeypatch.setattr(running._Run, "_bring", failing)
    batch = bring(wiki, folder_of(pages_of(3), tmp_path / "x"))
    assert batch.state == State.DONE
    assert outcomes(batch) == {"000.md": Outcome.CREATED, "001.md": Outcome.REFUSED, "002.md": Outcome.CREATED}


def test_a_file_that_answers_nonsense_when_it_is_looked_at_does_not_stop_the_others(wiki, tmp_path, monkeypatch):
    run = sandbox.run

    def nonsense(job, content, *, name, **options):
        return ({}, []) if name == "001.md" else run(job, content, name=name, **options)

    monkeypatch.setattr(sandbox, "run", nonsense)
    batch = bring(wiki, folder_of(pages_of(3), tmp_path / "x"))
    assert batch.state == State.DONE
    assert outcomes(batch) == {"000.md": Outcome.CREATED, "001.md": Outcome.REFUSED, "002.md": Outcome.CREATED}
    assert "001.md" in str(Sentence.from_json(batch.items.get(path="001.md").note))


ALLOWED = {(before, after) for before, moves in ImportBatch.MOVES.items() for after in moves}


@pytest.mark.parametrize("before", list(State))
def test_an_import_starts_and_stops_only_when_it_may(wiki, before):
    ended = timezone.now() if not ImportBatch.MOVES[before] else None

    def look(batch, *, by, queue=False):
        return actions.look_again(batch, by=by, section=wiki, publish=True, choices={}, queue=queue)

    for after, act in ((State.READING, look), (State.RUNNING, actions.start_batch), (State.CANCELLED, actions.cancel_batch)):
        batch = ImportBatch.objects.create(section=wiki, state=before, ended_at=ended)
        if (before, after) in ALLOWED:
            assert act(batch, by=None, **({"queue": False} if act is actions.start_batch else {})).state == after
        else:
            with pytest.raises(RuleViolation):
                act(batch, by=None)


def test_what_nobody_starts_is_forgotten_with_its_files(wiki, tmp_path, settings):
    batch = prepared(wiki, folder_of(pages_of(1), tmp_path / "x"))
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=8))
    stray = Path(settings.IMPORT_FOLDER) / "arriving-1"
    stray.mkdir()
    os.utime(stray, (0, 0))
    call_command("tick", verbosity=0)
    batch.refresh_from_db()
    assert batch.state == State.CANCELLED
    assert not stray.exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the process that is killed works on a file of its own")
def test_a_killed_command_run_again_is_complete_without_twins(tmp_path):
    """A real process, really killed: its database is a copy of what setup makes."""
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": f"sqlite:///{tmp_path / 'cut.sqlite3'}", "DEBUG": "1"}
    shutil.copyfile(starter(), tmp_path / "cut.sqlite3")
    folder = folder_of(pages_of(40), tmp_path / "x")

    def manage(*arguments, **options):
        return subprocess.Popen([sys.executable, "manage.py", *map(str, arguments)], cwd=ROOT, env=env, stdout=subprocess.PIPE, **options)

    command = manage("import_documents", folder, "--into", "wiki", "--language", "fr")

    def imported() -> int:
        with sqlite3.connect(tmp_path / "cut.sqlite3") as beside:
            return beside.execute("select count(*) from wiki_importsource where sha256 != ''").fetchone()[0]

    end = time.monotonic() + 120
    while imported() < 5:
        assert time.monotonic() < end
        assert command.poll() is None
        time.sleep(0.05)
    command.send_signal(signal.SIGKILL)
    command.wait()
    assert imported() < 40
    said, _err = manage("import_documents", folder, "--into", "wiki", "--language", "fr").communicate()
    assert b"40 read, 0 failed" in said
    with sqlite3.connect(tmp_path / "cut.sqlite3") as beside:
        pages = beside.execute(
            "select count(*), count(distinct title), sum(live) from wagtailcore_page where title like 'Page %'"
        ).fetchone()
        revisions = beside.execute("select count(*) from wagtailcore_revision where object_str like 'Page %'").fetchone()[0]
    assert (pages, revisions) == ((40, 40, 40), 40)
