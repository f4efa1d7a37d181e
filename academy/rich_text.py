"""Rich text beyond Wagtail's own: two marks that pads use."""

import wagtail.admin.rich_text.editors.draftail.features as draftail_features
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineStyleElementHandler

MARKS = {
    "ins": ("INSERTED", "u", _("Underline")),
    "mark": ("MARKED", "mark", _("Highlight")),
}


@hooks.register("register_rich_text_features")
def register_marks(features):
    for name, (style, tag, description) in MARKS.items():
        features.register_editor_plugin(
            "draftail",
            name,
            draftail_features.InlineStyleFeature(
                {"type": style, "label": "U" if name == "ins" else "M", "description": description, "element": tag}
            ),
        )
        features.register_converter_rule(
            "contentstate",
            name,
            {
                "from_database_format": {t: InlineStyleElementHandler(style) for t in ({"u", "ins"} if name == "ins" else {tag})},
                "to_database_format": {"style_map": {style: tag}},
            },
        )
