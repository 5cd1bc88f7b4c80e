"""The budget in a file: shared by processes, and in nobody's way when the file is not."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from django_anilist.api import locked_file, lockfile
from django_anilist.api.budget import USUAL_LIMIT
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.turns import TASK, Asker, Heard, Standing, Ticket

FORKING_HOLDER = """
import os, sys, time
from django_anilist.api.lockfile import SharedBudget
store = SharedBudget(sys.argv[1])
with store.change():
    child = os.fork()
    if not child:
        sys.stdin.read()
        os._exit(0)
print("given back", flush=True)
os.waitpid(child, 0)
"""
#: A child asks whether it may have the lock while its parent holds it.
SHARING_PARENT = """
import os, sys
import threading
from django_anilist.api import locked_file, lockfile
store = lockfile.SharedBudget(sys.argv[1])
store.look()
read, write = os.pipe()
with store.change():
    child = os.fork()
    if not child:
        store._lock, locked_file._PATIENCE = threading.Lock(), 0.01
        os.write(write, store.fault().encode() or b"granted")
        os._exit(0)
    print(os.read(read, 100).decode(), flush=True)
os.waitpid(child, 0)
"""
ORPHANING_HOLDER = """
import os, sys, time
from django_anilist.api.lockfile import SharedBudget
store = SharedBudget(sys.argv[1])
store.look()
child = os.fork()
if not child:
    sys.stdin.read()
    os._exit(0)
with store.change():
    print("holding", flush=True)
    time.sleep(60)
"""
WITHOUT_STANDARD = """
import os, sys
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.turns import Asker
os.close(1)
store = SharedBudget(sys.argv[1])
store.ask(Asker(1))
try:
    print("what somebody says to nobody", flush=True)
except OSError:
    pass
sys.exit(store.look().left)
"""
HOLDER = """
import sys, time
from django_anilist.api.lockfile import SharedBudget
from django_anilist.api.turns import Asker
store = SharedBudget(sys.argv[1])
with store.change() as budget:
    budget.ask(Asker(1), store.now())
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "budget"


def spend(store, number=1):
    with store.change() as budget:
        turns = [budget.ask(Asker(n, max_wait=1000), store.now()) for n in range(number)]
    return [turn for turn in turns if isinstance(turn, Ticket)]


def left(store):
    with store.change() as budget:
        return budget.left(store.now())


def test_what_one_spends_the_other_has_not(path):
    first, second = SharedBudget(path), SharedBudget(path)
    assert len(spend(first, 10)) == 10
    assert left(second) == USUAL_LIMIT - 10


def test_everything_about_a_budget_is_kept(path):
    store = SharedBudget(path)
    with store.change() as budget:
        now = store.now()
        budget.answered(Ticket(-1.0), Heard(limit=45, left=45), now)
        budget.ask(Asker(1, TASK), now)
        budget.answered(Ticket(-1.0), Heard(lock_out=30), now)
        budget.ask(Asker(2**64 - 1, TASK, max_wait=100), now)
        budget.ask(Asker(2, max_wait=100), now)
        budget.ask(Asker(3, max_wait=0), now)
        budget.breaker.heard("switched-off", now)
        budget.breaker.sending(now, 8.0)
        before = budget
    with SharedBudget(path).change() as budget:
        assert budget == before
        assert [waiter.lane for waiter in budget.waiters] == ["task", "web"]


def test_it_does_what_a_budget_does(path):
    store, other = SharedBudget(path), SharedBudget(path)
    ticket = store.ask(Asker(1))
    assert isinstance(ticket, Ticket)
    store.answered(ticket, Heard(limit=20, left=19))
    assert other.look().limit == 20
    other.spend_down_to(0)
    assert store.look() == Standing(20, 0, pytest.approx(60, abs=5), 0.0, "", 0)
    store.ask(Asker(2, max_wait=100))
    assert other.look().waiting == 1
    other.leave(2)
    assert store.look().waiting == 0


def test_the_file_is_for_its_owner_alone(path):
    spend(SharedBudget(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size < 1000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"\0" * 5000,
        b"\xff" * 5000,
        os.urandom(200),
        b"6BLA" + b"\xff" * 100,
        b"6BLA\x1e\0" + b"\xff" * 4000,
    ],
)
def test_a_damaged_file_is_a_fresh_budget(path, content):
    path.write_bytes(content)
    assert left(SharedBudget(path)) == USUAL_LIMIT
    assert len(spend(SharedBudget(path))) == 1
    assert left(SharedBudget(path)) == USUAL_LIMIT - 1


def test_a_file_of_another_boot_is_a_fresh_budget(path, monkeypatch):
    store = SharedBudget(path)
    monkeypatch.setattr(store, "now", lambda: time.monotonic() + 10_000_000)
    spend(store, USUAL_LIMIT)
    assert left(SharedBudget(path)) == USUAL_LIMIT


def test_a_deleted_file_is_made_again(path):
    store = SharedBudget(path)
    spend(store)
    path.unlink()
    assert left(store) == USUAL_LIMIT


@pytest.mark.parametrize("obstacle", ["link", "folder", "missing folder"])
def test_a_path_that_cannot_be_used_is_a_budget_of_ones_own_and_one_warning(path, caplog, obstacle):
    if obstacle == "link":
        (path.parent / "other").write_bytes(b"precious")
        path.symlink_to(path.parent / "other")
    elif obstacle == "folder":
        path.mkdir()
    else:
        path = path / "missing" / "budget"
    store = SharedBudget(path)
    assert len(spend(store, 5)) == 5
    assert left(store) == USUAL_LIMIT - 5
    assert caplog.text.count("is not shared") == 1
    words = {
        "link": "OSError",
        "folder": "IsADirectoryError",
        "missing folder": "FileNotFoundError",
    }
    assert store.fault() == words[obstacle]
    if obstacle == "link":
        assert (path.parent / "other").read_bytes() == b"precious"


def test_another_file_of_ours_that_somebody_linked_to_is_not_written_over(path, caplog):
    """In a folder that is everybody's, anybody may give the name to a file of the site's user."""
    precious = path.parent / "precious"
    precious.write_bytes(b"precious")
    os.link(precious, path)
    assert left(SharedBudget(path)) == USUAL_LIMIT
    assert precious.read_bytes() == b"precious"
    assert "it has other names" in caplog.text


def test_a_file_of_another_user_is_not_trusted(path, monkeypatch, caplog):
    spend(SharedBudget(path), 5)
    monkeypatch.setattr(lockfile.os, "getuid", lambda: 12_345)
    assert left(SharedBudget(path)) == USUAL_LIMIT
    assert "belongs to another user" in caplog.text
    assert SharedBudget(path).fault() == "PermissionError"


def test_where_files_cannot_be_locked_the_budget_is_ones_own(path, monkeypatch):
    monkeypatch.setattr(locked_file, "fcntl", None)
    store = SharedBudget(path)
    assert len(spend(store, 5)) == 5
    assert left(store) == USUAL_LIMIT - 5
    assert not path.exists()
    assert store.fault() == "no file locks"


def test_a_file_that_can_be_used_has_no_fault_and_keeps_what_is_in_it(path):
    store = SharedBudget(path)
    spend(store, 5)
    assert store.fault() == ""
    assert left(store) == USUAL_LIMIT - 5


def test_threads_take_their_turns(path):
    stores = [SharedBudget(path) for _ in range(4)]
    tickets = []

    def work(store, name):
        with store.change() as budget:
            turn = budget.ask(Asker(name), store.now())
            budget.leave(name)
        tickets.append(turn)

    threads = [threading.Thread(target=work, args=(stores[n % 4], n)) for n in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [turn.number for turn in tickets if isinstance(turn, Ticket)]
    assert len(numbers) == len(set(numbers)) == USUAL_LIMIT


def test_an_error_inside_writes_nothing_and_gives_the_lock_back(path):
    store = SharedBudget(path)
    spend(store, 5)
    with pytest.raises(ZeroDivisionError), store.change() as budget:
        budget.ask(Asker(1), store.now())
        raise ZeroDivisionError
    assert left(store) == USUAL_LIMIT - 5


def test_a_holder_that_is_killed_leaves_neither_lock_nor_damage(path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"holding\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    started = time.monotonic()
    assert left(SharedBudget(path)) == USUAL_LIMIT
    assert time.monotonic() - started < 30  # the holder would have slept for 60


def test_a_child_that_was_forked_by_a_holder_keeps_nobody_out(path, caplog):
    command = [sys.executable, "-c", FORKING_HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"given back\n"
        assert len(spend(SharedBudget(path))) == 1
        assert "keeps it locked" not in caplog.text
        process.stdin.close()


def test_a_holder_that_is_suspended_stops_nobody(path, caplog):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"holding\n"
    store = SharedBudget(path)
    started = time.monotonic()
    assert len(spend(store)) == 1
    assert time.monotonic() - started < 30
    assert "keeps it locked" in caplog.text
    process.kill()
    process.communicate()
    assert left(store) == USUAL_LIMIT


def test_a_child_does_not_take_its_parents_lock_for_its_own(path):
    command = [sys.executable, "-c", SHARING_PARENT, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert found.stdout == "TimeoutError\n"


def test_a_child_that_outlives_its_parent_has_none_of_its_locks(path):
    command = [sys.executable, "-c", ORPHANING_HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"holding\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert SharedBudget(path).fault() == ""  # no "TimeoutError"
        process.stdin.close()


def test_what_is_printed_where_standard_output_is_closed_goes_not_into_the_file(path):
    command = [sys.executable, "-c", WITHOUT_STANDARD, str(path)]
    assert subprocess.run(command, check=False, timeout=30).returncode == USUAL_LIMIT - 1
    assert left(SharedBudget(path)) == USUAL_LIMIT - 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_on_a_full_disk_the_budget_is_ones_own_and_is_kept(caplog):
    store = SharedBudget("/dev/full")
    assert isinstance(store.ask(Asker(1)), Ticket)
    assert len(spend(store, 5)) == 5
    assert left(store) == USUAL_LIMIT - 6
    assert store.fault() == "OSError"
    assert caplog.text.count("No space left on device") == 1


def test_a_disk_that_has_room_again_is_used_again(path, monkeypatch):
    store = SharedBudget(path)
    write = os.pwrite
    monkeypatch.setattr(lockfile.os, "pwrite", lambda file, data, at: write(file, data[:10], at))
    spend(store, 5)
    assert (left(store), store.fault()) == (USUAL_LIMIT - 5, "OSError")
    monkeypatch.undo()
    assert (left(store), store.fault()) == (USUAL_LIMIT - 5, "")
    assert left(SharedBudget(path)) == USUAL_LIMIT - 5


def test_what_another_process_could_write_counts_more_than_what_one_could_not(path, monkeypatch):
    store, other = SharedBudget(path), SharedBudget(path)
    monkeypatch.setattr(lockfile.os, "pwrite", lambda file, data, at: 0)
    spend(store, 5)
    monkeypatch.undo()
    spend(other, 8)
    assert left(store) == USUAL_LIMIT - 8


def test_a_file_that_cannot_be_read_is_what_it_was(path, monkeypatch, caplog):
    store = SharedBudget(path)
    spend(store, 5)

    def broken(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(lockfile.os, "pread", broken)
    assert left(store) == USUAL_LIMIT - 5
    assert left(SharedBudget(path)) == USUAL_LIMIT
    assert "Input/output error" in caplog.text


def test_a_file_that_is_in_the_others_place_is_the_one_that_counts(path):
    first, second = SharedBudget(path), SharedBudget(path)
    spend(first, 5)
    spend(second, 1)
    other = path.with_name("other")
    spend(SharedBudget(other), 10)
    other.replace(path)
    assert left(first) == left(second) == USUAL_LIMIT - 10


def test_a_name_that_the_file_in_use_is_given_besides_ends_its_use(path, caplog):
    store = SharedBudget(path)
    spend(store, 5)
    os.link(path, path.with_name("other"))
    assert left(store) == USUAL_LIMIT
    assert "it has other names" in caplog.text
    path.with_name("other").unlink()
    assert left(store) == USUAL_LIMIT - 5


def test_a_descriptor_that_somebody_else_has_by_now_is_left_alone(path):
    """Who becomes a daemon closes all descriptors, and what is opened next has their numbers."""
    store = SharedBudget(path)
    spend(store, 5)
    number = store._file.number
    theirs = path.with_name("theirs")
    with theirs.open("wb") as file:
        os.dup2(file.fileno(), number)
        assert left(store) == USUAL_LIMIT - 5
        assert store._file.number != number
        assert theirs.read_bytes() == b""
        os.close(number)  # theirs still
    del store
    assert left(SharedBudget(path)) == USUAL_LIMIT - 5


def test_a_descriptor_that_was_closed_is_opened_anew(path):
    store = SharedBudget(path)
    spend(store, 5)
    os.close(store._file.number)
    assert left(store) == USUAL_LIMIT - 5
    assert store.fault() == ""


def descriptors_of(path):
    """Return how many descriptors lead to ``path``, or to a file that was there."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            found += os.readlink(link).startswith(str(path))
    return found


@pytest.mark.skipif(
    not os.path.exists("/proc/self/fd"), reason="descriptors are looked at in /proc"
)
def test_one_descriptor_is_kept_as_long_as_the_budget(path):
    store = SharedBudget(path)
    for _ in range(200):
        left(store)
    assert descriptors_of(path) == 1
    path.unlink()
    left(store)
    assert descriptors_of(path) == 1
    del store
    gc.collect()
    assert descriptors_of(path) == 0
