"""A reindex that is killed in the middle: a real process, on a copy of what setup makes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from academy.search import schema
from tests.prepared import ROOT, starter

WORDS = ("smart", "cooperative", "project", "parcours")


def found(database: Path) -> dict[str, list[str]]:
    """Whose rows hold each word, by the full-text tables themselves, which must agree with the rows."""
    with closing(sqlite3.connect(database)) as beside:
        for table in schema.HELD:
            beside.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")  # noqa: S608 (names of ours)
        statement = f"SELECT e.owner FROM {schema.ALL} f JOIN {schema.TABLE} e ON e.id = f.rowid WHERE {schema.ALL} MATCH ? ORDER BY 1"  # noqa: S608
        return {word: [owner for (owner,) in beside.execute(statement, [word])] for word in WORDS}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the process that is killed works on a file of its own")
def test_a_killed_reindex_leaves_the_old_index_serving(tmp_path):
    database = tmp_path / "cut.sqlite3"
    shutil.copyfile(starter(), database)
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": f"sqlite:///{database}", "DEBUG": "1"}

    def reindex() -> subprocess.Popen:
        return subprocess.Popen([sys.executable, "manage.py", "reindex"], cwd=ROOT, env=env, stdout=subprocess.PIPE)

    before = found(database)
    assert all(before[word] for word in WORDS)
    cut = reindex()
    assert b" of " in cut.stdout.readline(), "something is written"
    cut.kill()
    assert cut.wait() == -signal.SIGKILL
    assert found(database) == before
    whole = reindex()
    whole.communicate()
    assert whole.returncode == 0
    assert found(database) == before
