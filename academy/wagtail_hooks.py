"""What the floor adds to the CMS."""

from academy import rich_text

__all__ = ["rich_text"]
