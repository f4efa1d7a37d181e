"""Blocks that every body of the house shares (the wiki owns their reading). First form; named so that migrations stay readable."""

from wagtail import blocks


class ContentBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock()
