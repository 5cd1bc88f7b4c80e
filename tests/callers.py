"""Every kind of view that a site may have; each fails as its address says: ``/function/limited/``."""

from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from django_anilist.answers import answer_to
from django_anilist.api.errors import (
    BadResponse,
    NotConnected,
    OutcomeUnknown,
    RateLimited,
    TokenExpired,
    TokenRejected,
    TokenUnreadable,
    Unavailable,
)
from django_anilist.decorators import anilist_required
from tests.urls import urlpatterns as ours

ERRORS = {
    "connect": NotConnected(),
    "expired": TokenExpired(),
    "rejected": TokenRejected(),
    "unreadable": TokenUnreadable(),
    "limited": RateLimited(12.3),
    "down": Unavailable("connection"),
    "html": BadResponse(),
    "unknown": OutcomeUnknown("timeout"),
}


def fail(name):
    raise ERRORS[name].with_traceback(None)


def function(request, name):
    fail(name)


class Class(View):
    def dispatch(self, request, name):
        fail(name)


class Late(SimpleTemplateResponse):
    """An answer that fails when it is rendered, after the view."""

    def __init__(self, name):
        super().__init__("")
        self.name = name

    @property
    def rendered_content(self):
        fail(self.name)


def late(request, name):
    return Late(name)


async def asynchronous(request, name):
    fail(name)


class AsynchronousClass(View):
    async def get(self, request, name):
        fail(name)

    post = get


class Key(BaseAuthentication):
    """Who calls an API is known to it alone, by a header."""

    user = None

    def authenticate(self, request):
        return (Key.user, None) if "X-Key" in request.headers else None


class Api(APIView):
    def get(self, request, name):
        fail(name)

    post = get


@api_view(["GET", "POST"])
def api_function(request, name):
    fail(name)


class ApiSet(ViewSet):
    def list(self, request, name):
        fail(name)

    create = list


class ApiThatAnswersItself(APIView):
    """One of a site whose own handler answers for every error."""

    def get_exception_handler(self):
        return lambda error, context: answer_to(context["request"], error)

    def get(self, request, name):
        fail(name)

    post = get


class ApiList(APIView):
    """What a site really writes: the list of whoever calls."""

    authentication_classes = [Key]

    @method_decorator(anilist_required)
    def get(self, request):
        return Response({"status": request.anilist.status, "caller": str(request.user)})


@anilist_required
def required(request):
    return HttpResponse("in")


PAGES = {
    "function": function,
    "class": Class.as_view(),
    "late": late,
    "async": asynchronous,
    "async-class": AsynchronousClass.as_view(),
}
APIS = {
    "api": Api.as_view(),
    "api-own-handler": ApiThatAnswersItself.as_view(),
    "api-function": api_function,
    "api-set": ApiSet.as_view({"get": "list", "post": "create"}),
}

urlpatterns = [
    *(path(f"{name}/<slug:name>/", view) for name, view in {**PAGES, **APIS}.items()),
    path("api-list/", ApiList.as_view()),
    path("required/", required),
    *ours,
]
