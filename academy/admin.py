"""Viewsets of the CMS whose rows are guarded one by one (first form: the security package completes it)."""

from wagtail.admin.viewsets.model import ModelViewSet


class GuardedModelViewSet(ModelViewSet):
    """A viewset that asks for the row, not only for the model."""
