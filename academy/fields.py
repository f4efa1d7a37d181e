"""Model fields that the whole house shares."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class LocalizedText(dict):
    """Words in several languages, `{"fr": "…", "en": "…"}`. As a string it is the active language, else any that is written."""

    def __str__(self) -> str:
        return self.in_language(get_language() or settings.LANGUAGE_CODE)

    def in_language(self, language: str) -> str:
        wanted = self.get(language)
        if wanted:
            return wanted
        wanted = self.get(language.split("-")[0])
        if wanted:
            return wanted
        for code, _name in settings.LANGUAGES:
            if self.get(code):
                return self[code]
        return ""

    def __bool__(self) -> bool:
        return any(self.values())

    def __html__(self) -> str:
        from django.utils.html import escape  # a leaf: templates escape through this

        return escape(str(self))


class LocalizedTextWidget(forms.MultiWidget):
    """One text box per language of the site, each with its language as label."""

    template_name = "academy/widgets/localized_text.html"

    def __init__(self, attrs=None, *, rows: int = 2):
        self.codes = [code for code, _name in settings.LANGUAGES]
        names = dict(settings.LANGUAGES)
        widgets = {code: forms.Textarea(attrs={"rows": rows, "lang": code, "aria-label": names[code]}) for code in self.codes}
        super().__init__(widgets, attrs)

    def decompress(self, value: Any) -> list[str]:
        value = value or {}
        return [value.get(code, "") for code in self.codes]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        names = dict(settings.LANGUAGES)
        for code, subwidget in zip(self.codes, context["widget"]["subwidgets"], strict=True):
            subwidget["language_name"] = names[code]
        return context


class LocalizedTextFormField(forms.MultiValueField):
    """Asks for every language; required means that each language is written."""

    widget = LocalizedTextWidget

    def __init__(self, *, required: bool = True, max_length: int | None = None, **kwargs):
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        fields = [forms.CharField(required=required, max_length=max_length) for _code in settings.LANGUAGES]
        super().__init__(fields, required=required, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> LocalizedText:
        codes = [code for code, _name in settings.LANGUAGES]
        return LocalizedText({code: text for code, text in zip(codes, data_list or [""] * len(codes), strict=True) if text})


class LocalizedTextField(models.JSONField):
    """Short words of the product's own data in every language of the site. Never NULL: empty is `{}`."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value, expression, connection):
        return LocalizedText(super().from_db_value(value, expression, connection) or {})

    def to_python(self, value: Any) -> LocalizedText:
        return LocalizedText(super().to_python(value) or {})

    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        if not isinstance(value, LocalizedText):
            value = LocalizedText(value or {})
            setattr(model_instance, self.attname, value)
        return value

    def validate(self, value: Any, model_instance: models.Model) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise ValidationError(_("Write the words in each language."))

    def formfield(self, **kwargs):
        return super(models.JSONField, self).formfield(**{"form_class": LocalizedTextFormField, **kwargs})
