"""The one settings file. Everything that changes from place to place comes from environment variables (academy.env)."""

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from academy import env, recordings, zones
from academy.embeds import FRAME_HOSTS

PROJECT_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.directory("DATA_DIR", PROJECT_DIR / "var")

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.secret_key("SECRET_KEY", DATA_DIR / "secret-key")
XAPI_KEY = env.secret_key("XAPI_KEY", DATA_DIR / "xapi-key")  # signs what other learning record stores take (courses.xapi)
BADGE_KEYS = env.rsa_keys("BADGE_KEYS", DATA_DIR / "badge-keys.pem")  # the first signs Open Badges, for years (academy.signing)
VISA_KEYS = (*env.keys("VISA_KEYS"), SECRET_KEY)  # the first seals what passports say (cohorts.sealed), each opens it
VISA_DATA_DAYS = env.integer("VISA_DATA_DAYS", 30, low=0, high=365)  # after the end of a session, these data are deleted
BASE_URL = env.base_url("BASE_URL", "http://127.0.0.1:8000")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.host_list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", urlsplit(BASE_URL).hostname])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "academy.signed_out.refused_token"

INSTALLED_APPS = [
    "academy",
    "wiki",
    "courses",
    "cohorts",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "academy.cms_apps.PeopleInTheCMS",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
]

MIDDLEWARE = [
    "academy.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "academy.pagecache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "academy.middleware.PrefixMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "academy.middleware.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "academy.signed_out.SignedOutMiddleware",
    "academy.middleware.PostOnlyMiddleware",
    "academy.second_factor.RequireSecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "academy.links.redirects.RedirectMiddleware",
    "academy.rehearsal.RehearsalMiddleware",
]

ROOT_URLCONF = "academy.urls"
WSGI_APPLICATION = "academy.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "academy.context.site",
            ],
            "libraries": {"wagtailadmin_tags": "academy.cms_tags"},
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "academy.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache("CACHE_URL", DATA_DIR / "cache")}
# What need not hold up an answer waits in the database for `manage.py task_worker`, which gunicorn starts (decision 0013)
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if DEBUG else "django_tasks_db.DatabaseBackend",
    }
}

for _name, _value in env.email("EMAIL_URL", DATA_DIR / "mail").items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", f"Smart Academy <academy@{urlsplit(BASE_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# People and sign-in
AUTH_USER_MODEL = "academy.User"
AUTHENTICATION_BACKENDS = ["academy.people_backend.PeopleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "academy.accounts.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "academy.accounts.SignUpForm"
ACCOUNT_FORMS = {"reset_password_from_key": "academy.invitations.ChosenPasswordForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "academy.models.display_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # nobody changes an account without its owner being told
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# How many proxies of ours stand before the server: rate limits count the address behind them
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1 if env.boolean("BEHIND_PROXY", False) else 0, high=5)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "Smart Academy"
USERSESSIONS_TRACK_ACTIVITY = False
REQUIRE_STAFF_MFA = env.boolean("REQUIRE_STAFF_MFA", False)  # asked for, or required (decision 0011)

# Languages: every page has one prefix per language; `academy/locale` holds our words
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = [("fr", "Français"), ("en", "English")]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PROJECT_DIR / "academy" / "locale"]
FORMAT_MODULE_PATH = "academy.formats"
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [PROJECT_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.storage("STORAGE_URL", DATA_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Files of an import wait here until they are in the wiki; outside the media folder, shared by the server and the worker
IMPORT_FOLDER = DATA_DIR / "imports"
IMPORT_IMAGE_HOSTS = env.host_list("IMPORT_IMAGE_HOSTS", [])  # pictures of pads are fetched from these alone
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 3000  # a folder of documents (wiki.intake)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a long page of the CMS sends thousands

# Security: what needs https is on when BASE_URL says https
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "academy.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"  # the previews of the CMS override it for themselves
# Two policies by path (decision 0005): nothing inline on the site; in the CMS no inline script. Never weakened for a feature.
SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": FRAME_HOSTS,
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'self'"],
}
SECURE_CSP_CMS = {**SECURE_CSP, "frame-src": ["'self'", *FRAME_HOSTS], "style-src": ["'self'", "'unsafe-inline'"]}

# Wagtail
WAGTAIL_SITE_NAME = "Smart Academy"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}  # kept in clear, and tried without limit
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_AUTOSAVE_INTERVAL = 3000
WAGTAIL_USER_TIME_ZONES = zones.everywhere()
WAGTAILDOCS_DOCUMENT_MODEL = "academy.AcademyDocument"
WAGTAILIMAGES_IMAGE_MODEL = "academy.AcademyImage"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "md", "xlsx", "zip", *recordings.TYPES]
WAGTAILDOCS_CONTENT_TYPES = recordings.CONTENT_TYPES
WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "academy.search_backend"}}

DEMO_PASSWORD = env.text("DEMO_PASSWORD")

SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # `wagtailadmin_tags` is meant to be found twice: academy.cms_tags stands over Wagtail's

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
