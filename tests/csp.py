"""A site's own content security policy, as far as our pages can see it."""


class SiteCSPMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class StrictCSPMiddleware:
    """The policy that our pages promise to live under."""

    POLICY = "default-src 'self'; img-src 'self' https://s4.anilist.co"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = self.POLICY
        return response
