"""Steward's settings. Every variable it reads is listed in docs/operations.md."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.choice("STEWARD_ENV", ("development", "test", "production"), "development")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG = env.flag("STEWARD_DEBUG")
DEMO = env.flag("STEWARD_DEMO")
if PRODUCTION and (DEMO or DEBUG):
    raise ImproperlyConfigured("STEWARD_DEMO and STEWARD_DEBUG are refused when STEWARD_ENV=production.")

VAR_DIR = Path(env.text("STEWARD_VAR", str(BASE_DIR / "var"))).resolve()
SECRET_KEY = env.secret("STEWARD_SECRET_KEY", kept_in=VAR_DIR / "secret_key", may_generate=not PRODUCTION)
# What personal columns are sealed with: the first encrypts, all decrypt, the secret key last.
DATA_KEYS = env.names("STEWARD_DATA_KEYS")

# --- addresses ---------------------------------------------------------------------------------
PORT = env.whole("PORT", default=8000, least=1, most=65535)
PUBLIC_URL = env.origin("STEWARD_PUBLIC_URL", "" if PRODUCTION else f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.names("STEWARD_HOSTS")
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("STEWARD_HOSTS must name the hosts served in production.")
if not PRODUCTION:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- rooms -------------------------------------------------------------------------------------
ROOMS = (
    "steward.kernel",
    "steward.registers.org",
    "steward.registers.estate",
    "steward.registers.party",
    "steward.registers.workforce",
    "steward.registers.knowledge",
    "steward.registers.billing",
    "steward.registers.cutover",
    "steward.registers.messaging",
    "steward.cases",
    "steward.casework",
    "steward.assurance",
    "steward.processes",
    "steward.insight",
    "steward.papers",
    "steward.history",
    "steward.design",
    "steward.web",
    "steward.console",
    "steward.portal",
    "steward.field",
    "steward.api",
    "steward.worker",
    "steward.demo",
)


def _is_there(dotted: str) -> bool:
    """Rooms are being built one after the other; one that does not exist yet is left out."""
    try:
        return find_spec(dotted) is not None
    except ModuleNotFoundError:
        return False


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    *filter(_is_there, ROOMS),
]

MIDDLEWARE = [
    "steward.web.http.PlainQueryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Sets request.session, request.user and request.actor in one query; the actor's language wins.
    "steward.registers.org.middleware.ActorMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "steward.web.http.PolicyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "steward.web.http.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "axes.W004",  # our own session middleware stands where the check looks for Django's
]

# --- database ----------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL", VAR_DIR / "steward.sqlite3")}
_db = DATABASES["default"]
if _db["ENGINE"] == "django.db.backends.sqlite3":
    Path(_db["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    _db["TEST"] = {"NAME": f"{_db['NAME']}.test"}  # in memory there is neither WAL nor a second writer
    _db["CONN_MAX_AGE"] = None
    _db["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _db["CONN_MAX_AGE"] = 0  # the pool keeps the connections
    _db.setdefault("OPTIONS", {}).update(
        {
            "pool": {
                "min_size": 1,
                "max_size": env.whole("STEWARD_DB_POOL", default=8, least=1, most=200),
                "timeout": 10,
            },
            "server_side_binding": True,
            "prepare_threshold": 5,
        }
    )

# --- who may come in ---------------------------------------------------------------------------
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:  # a password in a test guards nothing
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "steward.registers.org.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # a flash needs no query
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.stale_form"
LOGIN_URL = "/sign-in/"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of the link by which a colleague chooses a password

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
# Several people share the desk PC: one person's typing errors must not lock out the others.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = PRODUCTION and _https
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("STEWARD_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- languages and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "steward" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- pages -------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "config.jinja.environment",
            "context_processors": ["django.contrib.messages.context_processors.messages"],
        },
    },
    {  # only where a library brings its own
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"  # filled by collectstatic, in production only
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files"},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
MEDIA_ROOT = VAR_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- messages out ------------------------------------------------------------------------------
vars().update(env.mail("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("STEWARD_MAIL_FROM", "steward@localhost")

WEATHER_URL = env.address("STEWARD_WEATHER_URL", insecure=not PRODUCTION)
SMS_URL = env.address("STEWARD_SMS_URL", insecure=not PRODUCTION)
SMS_STATUS_URL = env.address("STEWARD_SMS_STATUS_URL", insecure=not PRODUCTION)
SMS_KEY = env.text("STEWARD_SMS_KEY")
SMS_SECRET = env.text("STEWARD_SMS_SECRET")
SMS_SIGNATURE = env.text("STEWARD_SMS_SIGNATURE")
SMS_TEMPLATES = env.pairs("STEWARD_SMS_TEMPLATES")
SMS_TIMEOUT = env.whole("STEWARD_SMS_TIMEOUT", default=10, least=1, most=60)
if SMS_URL and not (SMS_KEY and SMS_SECRET and SMS_SIGNATURE):
    raise ImproperlyConfigured("STEWARD_SMS_URL needs STEWARD_SMS_KEY, STEWARD_SMS_SECRET and STEWARD_SMS_SIGNATURE.")

ROBOTS = env.robots("STEWARD_ROBOTS")
ROBOT_HOSTS = env.robot_hosts("STEWARD_ROBOT_HOSTS", insecure=not PRODUCTION)
SENDERS = env.whole("STEWARD_SENDERS", default=4, least=1, most=16)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.choice("STEWARD_LOG", ("DEBUG", "INFO", "WARNING"), "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
