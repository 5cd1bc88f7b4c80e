"""How far long work is: a bar for a terminal, plain lines for everything else."""

import pytest

from django_anilist import progress
from django_anilist.progress import Bar, Step


@pytest.fixture
def watch(monkeypatch):
    """A stop watch that is set by hand."""
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])

    def wait(more):
        seconds[0] += more

    return wait


@pytest.fixture
def written():
    return []


def test_a_log_gets_a_plain_line_now_and_then_and_the_last(watch, written):
    with Bar(written.append, on_terminal=False) as bar:
        for done in range(1, 101):
            watch(1)
            bar(Step(done, 100))
    assert len(written) == 10
    assert written[0] == "10 of 100, about 2 min left\n"
    assert written[-1] == "100 of 100\n"
    assert not [line for line in written if "\r" in line or "\x1b" in line]


def test_a_terminal_gets_one_line_that_is_drawn_over_and_left(watch, written):
    with Bar(written.append, on_terminal=True) as bar:
        for done in (25, 50, 100):
            watch(1)
            bar(Step(done, 100))
    strokes, newline = written[:-1], written[-1]
    assert newline == "\n"
    assert all(stroke.startswith("\r[") for stroke in strokes)
    assert [stroke.count("#") for stroke in strokes] == [7, 15, 30]
    assert "25 of 100, about 3 s left" in strokes[0]


def test_a_terminal_is_not_flooded(watch, written):
    with Bar(written.append, on_terminal=True) as bar:
        for done in range(1, 1001):
            watch(0.001)
            bar(Step(done, 1001))
    assert len(written) <= 11


def test_where_nothing_was_drawn_nothing_is_left(watch, written):
    with Bar(written.append, on_terminal=True):
        pass
    assert written == []


def test_it_remembers_the_row_to_go_on_after(watch, written):
    bar = Bar(written.append, on_terminal=False)
    bar(Step(1, 3, last=17))
    assert bar.last == 17


def test_nothing_to_do_is_no_division_by_zero(watch, written):
    Bar(written.append, on_terminal=True)(Step(0, 0))
    assert "0 of 0" in written[0]


@pytest.mark.parametrize(
    ("seconds", "words"), [(10, "10 s"), (89, "89 s"), (120, "2 min"), (7200, "2.0 h")]
)
def test_the_rest_is_told_in_words(watch, written, seconds, words):
    bar = Bar(written.append, on_terminal=False)
    watch(seconds)
    bar(Step(1, 2))
    assert written == [f"1 of 2, about {words} left\n"]
