from django.http import HttpRequest, HttpResponse


def verify(request: HttpRequest, reference: str) -> HttpResponse:
    return HttpResponse(reference)
