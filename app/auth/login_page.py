"""The login page: one small page of our own, no script, so that it works where nothing else does."""

from __future__ import annotations

import asyncio
from html import escape
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.auth.addresses import client_address, cookie_name
from app.auth.identity import present
from app.auth.signing_in import Opened, sign_in, sign_in_kiosk, sign_out
from core.language import LANGUAGES, translator
from store.installation import installation

if TYPE_CHECKING:
    from app.context import AppContext

_KNOWN_BROWSER_S = 30 * 24 * 3600
"""The cookie outlives its session: an ended one still shows a known browser to the throttle."""

STYLE = """
:root{--bg:#0a1017;--panel:#111a24;--line:#1d2a38;--text:#dbe3ec;--muted:#8494a6;--accent:#58a6ff}
*{box-sizing:border-box;margin:0}
body{min-height:100vh;display:grid;place-items:center;background:radial-gradient(ellipse 90% 70% at 50% 110%,
#16324a 0,var(--bg) 70%);color:var(--text);font:16px/1.5 "Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",
sans-serif}
main{width:min(400px,92vw);background:var(--panel);border:1px solid var(--line);border-radius:8px;
padding:32px}
h1{font-size:26px;font-weight:600;letter-spacing:.08em}
h1 small{display:block;font-size:14px;font-weight:400;color:var(--muted);letter-spacing:.04em;margin-top:2px}
.water{display:block;width:100%;height:14px;margin:18px 0 6px;color:#3f7fb5}
label{display:block;margin-top:16px;font-size:14px;color:var(--muted)}
input{width:100%;height:46px;margin-top:6px;padding:0 12px;background:var(--bg);color:var(--text);
border:1px solid #2d4054;border-radius:4px;font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
button{width:100%;height:48px;margin-top:24px;border:0;border-radius:4px;background:#2f73bd;color:#fff;
font:inherit;font-weight:600;cursor:pointer}
button:hover{background:#3a82d0}
p{margin-top:16px;font-size:14px;color:var(--muted)}
p[role=alert]{background:#3a4654;color:var(--text);padding:8px 12px;border-radius:4px;font-size:15px}
a{color:var(--accent)}
.demo{display:inline-block;border:1px solid var(--muted);border-radius:3px;padding:0 6px;font-size:13px;
vertical-align:3px;margin-left:8px;letter-spacing:0}
nav{margin-top:20px;font-size:14px;text-align:right}
"""

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/login/style.css"></head>
<body><main><h1>{title}{demo}<small>{centre}</small></h1>
<svg class="water" viewBox="0 0 340 14" preserveAspectRatio="none" aria-hidden="true">
<path d="M0 8q17-10 34 0t34 0 34 0 34 0 34 0 34 0 34 0 34 0 34 0 34 0" fill="none"
stroke="currentColor" stroke-width="2"/></svg>
{message}<form method="post" action="/login"><input type="hidden" name="next" value="{next}">
<input type="hidden" name="lang" value="{lang}">
<label for="name">{name_label}</label>
<input id="name" name="name" autocomplete="username" required maxlength="64" value="{name}" autofocus>
<label for="password">{password_label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
<button>{button}</button></form><p>{hint}</p><nav><a href="/login?lang={other}&amp;next={next_quoted}" \
lang="{other}">{other_name}</a></nav></main></body></html>
"""


def login_routes(context: AppContext) -> APIRouter:
    """/login, /login/style.css, /login/kiosk and /logout."""
    router = APIRouter(include_in_schema=False)

    def page(
        lang: str, wanted: str, *, name: str = "", message: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> HTMLResponse:
        chosen = lang if lang in LANGUAGES else context.settings.language
        other = LANGUAGES[1 - LANGUAGES.index(chosen)]
        t = translator("app/auth", chosen)
        with context.transaction() as connection:
            here = installation(connection)
        html = _PAGE.format(
            lang=chosen,
            title=escape(t("Anlan")),
            demo=f'<span class="demo">{escape(t("Demonstration"))}</span>' if here.demo else "",
            centre=escape(here.name if chosen == "zh" else here.name_en),
            message=f'<p role="alert">{escape(message)}</p>' if message else "",
            next=escape(wanted, quote=True),
            next_quoted=escape(wanted, quote=True),
            name=escape(name, quote=True),
            name_label=escape(t("User name")),
            password_label=escape(t("Password")),
            button=escape(t("Sign in")),
            hint=escape(t("No account? The administrator creates one with: anlan user add")),
            other=other,
            other_name={"zh": "中文", "en": "English"}[other],
        )
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    @router.get("/login")
    def show(request: Request, next: str = "/", lang: str = "") -> Response:
        return page(lang, local_path(next))

    @router.get("/login/style.css")
    async def style() -> Response:
        return Response(STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    @router.post("/login")
    def enter(
        request: Request,
        name: Annotated[str, Form(max_length=64)],
        password: Annotated[str, Form(max_length=256)],
        next: Annotated[str, Form(max_length=2000)] = "/",
        lang: Annotated[str, Form(max_length=8)] = "",
    ) -> Response:
        address = client_address(request, context.settings.web.trusted_proxies)
        old = request.cookies.get(cookie_name(request))
        found = sign_in(
            context.transaction, context.settings, name.strip(), password, address, old, context.clock()
        )
        if isinstance(found, Opened):
            answer: Response = RedirectResponse(local_path(next), status_code=HTTPStatus.SEE_OTHER)
            _set_cookie(answer, request, found.secret, context.settings.web.secure_cookie, _KNOWN_BROWSER_S)
            return answer
        t = translator("app/auth", lang if lang in LANGUAGES else context.settings.language)
        if found.wait_s > 0:
            seconds = ceil(found.wait_s)
            answer = page(
                lang,
                local_path(next),
                name=name,
                message=t("Too many failed attempts. Try again in {seconds} s.", seconds=seconds),
                status=HTTPStatus.TOO_MANY_REQUESTS,
            )
            answer.headers["Retry-After"] = str(seconds)
            return answer
        return page(
            lang,
            local_path(next),
            name=name,
            message=t("Name or password is wrong, or the account is disabled."),
            status=HTTPStatus.UNAUTHORIZED,
        )

    @router.get("/login/kiosk")
    def kiosk(request: Request, token: str = "") -> Response:
        person = present.get()
        if person is not None:
            return RedirectResponse("/wall", status_code=HTTPStatus.SEE_OTHER)
        address = client_address(request, context.settings.web.trusted_proxies)
        with context.transaction() as connection:
            opened = sign_in_kiosk(connection, context.settings, token, address, context.clock())
        if opened is None:
            t = translator("app/auth", context.settings.language)
            return page("", "/wall", message=t("This token is not valid."), status=HTTPStatus.UNAUTHORIZED)
        # A page that goes on by itself, not a redirect: after a link from another site a redirect
        # would be asked for without the new SameSite=Strict cookie.
        answer = HTMLResponse(
            '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/wall">',
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )
        _set_cookie(
            answer,
            request,
            opened.secret,
            context.settings.web.secure_cookie,
            context.settings.web.kiosk_days * 24 * 3600,
        )
        return answer

    @router.post("/logout")
    async def leave(request: Request) -> Response:
        person = context.person(request)
        secret = request.cookies.get(cookie_name(request), "")

        def end() -> None:
            with context.transaction() as connection:
                sign_out(connection, secret, person.name, context.clock())

        await asyncio.to_thread(end)
        return RedirectResponse("/login", status_code=HTTPStatus.SEE_OTHER)

    return router


def local_path(wanted: str) -> str:
    """The page to go to after login; only one of ours, never another site's."""
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return "/"
    return "/" if any(ord(character) < 32 for character in wanted) or wanted.startswith("/login") else wanted


def _set_cookie(answer: Response, request: Request, secret: str, secure: bool, max_age_s: int) -> None:
    answer.set_cookie(
        cookie_name(request),
        secret,
        max_age=max_age_s,
        httponly=True,
        secure=secure,
        samesite="strict",
        path="/",
    )
