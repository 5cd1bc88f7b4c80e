"""Views that need a connection let in who has one, and send the others on."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.views import View

from django_anilist import tokens
from django_anilist.accounts import Account
from django_anilist.api.oauth import Grant
from django_anilist.api.secrets import Secret
from django_anilist.decorators import anilist_required
from django_anilist.gateway import AniList
from django_anilist.mixins import AniListRequiredMixin

pytestmark = pytest.mark.django_db


@anilist_required
def function_view(request, word):
    return HttpResponse(word)


class ClassView(AniListRequiredMixin, View):
    def get(self, request, word):
        return HttpResponse(word)


@anilist_required
async def asynchronous_view(request, word):
    return HttpResponse(word)


class AsynchronousClassView(AniListRequiredMixin, View):
    async def get(self, request, word):
        return HttpResponse(word)


ASYNCHRONOUS = [asynchronous_view, AsynchronousClassView.as_view()]
VIEWS = [function_view, ClassView.as_view()]


def request_of(rf, user):
    request = rf.get("/list/")
    request.user, request.anilist = user, AniList.for_user(user)

    async def auser():
        return user

    request.auser = auser
    return request


@pytest.fixture
def connected(alice):
    tokens.save(alice, Account(7, "Alice"), Grant(Secret("canary-token"), 31_536_000, 7))
    return alice


@pytest.mark.parametrize("view", VIEWS)
def test_the_connected_are_let_in(rf, connected, view):
    assert view(request_of(rf, connected), "welcome").content == b"welcome"


@pytest.mark.parametrize("view", VIEWS)
def test_the_unconnected_are_sent_to_connect(rf, alice, view):
    response = view(request_of(rf, alice), "welcome")
    assert response.url == "/anilist/authorize/?next=%2Flist%2F"


@pytest.mark.parametrize("view", VIEWS)
def test_visitors_are_sent_to_sign_in(rf, view):
    response = view(request_of(rf, AnonymousUser()), "welcome")
    assert response.url == "/accounts/login/?next=/list/"


@pytest.mark.parametrize("view", VIEWS)
def test_the_rejected_are_sent_to_connect_without_asking_anilist(rf, connected, view):
    tokens.reject(connected.anilist_token)
    assert view(request_of(rf, connected), "welcome").url.startswith("/anilist/authorize/")


def test_a_script_gets_a_status_and_an_address(rf, alice):
    request = request_of(rf, alice)
    request.META["HTTP_ACCEPT"] = "application/json"
    response = function_view(request, "welcome")
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/json")


@pytest.mark.parametrize("view", ASYNCHRONOUS)
def test_an_asynchronous_view_lets_the_connected_in(rf, connected, view):
    response = async_to_sync(view)(request_of(rf, connected), "welcome")
    assert response.content == b"welcome"


@pytest.mark.parametrize("view", ASYNCHRONOUS)
def test_an_asynchronous_view_sends_the_others_on(rf, alice, view):
    response = async_to_sync(view)(request_of(rf, alice), "welcome")
    assert response.url.startswith("/anilist/authorize/")
    response = async_to_sync(view)(request_of(rf, AnonymousUser()), "welcome")
    assert response.url.startswith("/accounts/login/")


def test_a_missing_middleware_is_named(rf, alice):
    request = rf.get("/list/")
    request.user = alice
    with pytest.raises(ImproperlyConfigured, match="AniListMiddleware"):
        function_view(request, "welcome")


def test_the_view_keeps_its_name():
    assert function_view.__name__ == "function_view"
    assert asynchronous_view.__name__ == "asynchronous_view"


def test_a_class_is_told_of_the_mixin():
    with pytest.raises(TypeError, match="View is a class: it takes AniListRequiredMixin"):
        anilist_required(View)
