"""The CMS asks nobody twice who they are: name, language and time zone are those of the account on the site."""

from wagtail.admin.localization import get_available_admin_languages
from wagtail.admin.views import account
from wagtail.users.models import UserProfile


def _no(panel) -> bool:
    return False


def _language(profile: UserProfile) -> str:
    offered = [code for code, _name in get_available_admin_languages()]
    return profile.user.language if profile.user.language in offered else offered[0]


def install() -> None:
    """Called once, by AcademyConfig.ready. The CMS's own name panel would even ask for two names that people here do not have."""
    for panel in (account.NameEmailSettingsPanel, account.AvatarSettingsPanel, account.LocaleSettingsPanel):
        panel.is_active = _no
    UserProfile.get_preferred_language = _language
    UserProfile.get_current_time_zone = lambda profile: profile.user.time_zone
