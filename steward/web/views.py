"""Pages of no face in particular: sign-in, sign-out, language, files."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.casework.models import CaseFile
from steward.casework.replays.conflicts import holds_picture
from steward.design.forms import Field
from steward.kernel.db import write
from steward.kernel.errors import InvalidError
from steward.kernel.models import Attachment
from steward.registers.org import firstsignin
from steward.registers.org.actors import of_user
from steward.registers.org.models import Node, User
from steward.registers.workforce.papers import is_page
from steward.web.downloads import handed_out
from steward.web.http import actor_of, home_of, open_to_all, plain_shell
from steward.web.shared_desk import remember

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLES = (
    ("desk", gettext_lazy("Front desk: takes the calls")),
    ("tech", gettext_lazy("Technician: on the phone in the basement")),
    ("butler", gettext_lazy("Butler: answers to the household, calls back")),
    ("headbutler", gettext_lazy("Head butler: dispatches, samples")),
    ("cashier", gettext_lazy("Cashier: alone takes money")),
    ("manager", gettext_lazy("Project manager: what will go late today")),
    ("region", gettext_lazy("Regional office: two projects")),
    ("hq", gettext_lazy("Head office: everything")),
    ("owner", gettext_lazy("Owner: agrees to the price")),
    ("tenant", gettext_lazy("Tenant: reports a fault")),
    ("outsider", gettext_lazy("Staff of another region: sees nothing of this")),
)


@open_to_all
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; five failures lock the pair of name and address for a quarter of an hour."""
    username, error, status = request.POST.get("username", "").strip(), "", 200
    if request.method == "POST":
        user = authenticate(request, username=username, password=request.POST.get("password", ""))
        if isinstance(user, User):
            return _enter(request, user)
        locked = getattr(request, "axes_locked_out", False)
        error = _("Too many attempts. Try again in 15 minutes.") if locked else _("Name or password is wrong.")
        status = 429 if locked else 422
    fields = (
        Field(name="username", label=_("User name"), required=True, value=username),
        Field(name="password", label=_("Password"), kind="password", required=True, error=error),
    )
    context = {"shell": plain_shell(request), "fields": fields, "cast": _cast(), "next": _next(request)}
    context["is_empty"] = not request.user.is_authenticated and not Node.objects.exists()
    return render(request, "web/sign_in.jinja", context, status=status)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    with write():
        login(request, user, backend=MODEL_BACKEND)
    target = _next(request)
    response = redirect(target or home_of(of_user(user)))
    remember(request, response, user, timezone.now())
    return response


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else ""


@open_to_all
@require_http_methods(["GET", "POST"])
def first_sign_in(request: HttpRequest, user_id: int, token: str) -> HttpResponse:
    """The link a colleague was given: choose a password, and be in. Spent or too old: 410."""
    user, errors = firstsignin.behind(user_id, token), {}
    if user is None:
        return _spent(request)
    if request.method == "POST":
        try:
            firstsignin.choose(user, **{name: request.POST.get(name, "") for name in ("password", "again")})
        except InvalidError as refused:
            errors = dict(refused.fields)
        else:
            return _enter(request, user)
    fields = [
        Field(
            name="password", label=_("New password"), kind="password", required=True, error=errors.get("password", "")
        ),
        Field(name="again", label=_("Password again"), kind="password", required=True, error=errors.get("again", "")),
    ]
    context = {"shell": plain_shell(request), "fields": fields, "user": user}
    return render(request, "web/first_sign_in.jinja", context, status=422 if errors else 200)


def _spent(request: HttpRequest) -> HttpResponse:
    context = {
        "shell": plain_shell(request),
        "heading": _("This link no longer works"),
        "text": _("It serves once and ends after three days. Ask whoever gave it to you for a new one."),
        "action": _("Sign in"),
        "action_url": settings.LOGIN_URL,
    }
    return render(request, "design/error.jinja", context, status=410)


@open_to_all
@require_POST
def sign_in_as(request: HttpRequest, username: str) -> HttpResponse:
    """The demo's cast signs in by a button. There is no such page outside demo mode."""
    user = User.objects.filter(username=username, is_active=True).first() if settings.DEMO else None
    if user is None or username not in {name for name, *_rest in _cast()}:
        raise Http404
    return _enter(request, user)


def _cast() -> tuple[tuple[str, str, str], ...]:
    """(username, name, what this person shows), in demo mode only."""
    if not settings.DEMO:
        return ()
    known = dict(User.objects.filter(username__in=[u for u, _t in ROLES]).values_list("username", "name"))
    return tuple((u, known[u], str(title)) for u, title in ROLES if u in known)


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    with write():
        logout(request)
    return redirect(settings.LOGIN_URL)


@open_to_all
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Kept with the user, or in a cookie before signing in."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request) or "/")
    if wanted not in dict(settings.LANGUAGES):
        return response
    user_id = actor_of(request).user_id
    if user_id is not None:
        with write():
            User.objects.filter(pk=user_id).update(language=wanted)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, samesite="Lax", httponly=True)
    return response


@open_to_all
@require_GET
def attachment(request: HttpRequest, project_id: int, pk: int) -> FileResponse:
    """A picture, for whoever may see a case it hangs on, or who uploaded it."""
    actor = actor_of(request)
    if not actor.key or project_id not in actor.project_ids:
        raise Http404
    found = Attachment.objects.in_project(project_id).filter(pk=pk).first()
    if found is None:
        raise Http404
    visible = CaseFile.objects.visible_to(actor).filter(project_id=project_id, attachment_id=pk)
    if not actor.is_staff:
        visible = visible.filter(is_public=True)
    own = found.uploaded_by == actor.key and not is_page(found)
    if not own and not visible.exists() and not holds_picture(actor, found):
        raise Http404
    return handed_out(found, cached=True)
