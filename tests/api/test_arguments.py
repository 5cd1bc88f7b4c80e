import inspect

import pytest

from django_anilist.api import queries
from django_anilist.api.arguments import EntryFields, WhichList
from django_anilist.api.client import Client, _camel_case


def test_a_type_checker_knows_all_that_can_be_saved():
    assert {_camel_case(name) for name in EntryFields.__annotations__} == queries.SAVED


def test_a_type_checker_knows_all_that_names_a_list():
    taken = inspect.signature(Client._media_list_chunks).parameters
    assert set(WhichList.__annotations__) == set(taken) - {"self"}


@pytest.mark.parametrize("method", ["media_list", "iter_media_list"])
def test_a_slip_is_told_in_words_of_the_method(method):
    with pytest.raises(TypeError, match=r"_media_list_chunks\(\) got an unexpected .*'statuz'"):
        list(getattr(Client(None, None), method)(statuz="CURRENT"))
