"""The SMS gateway: reachable and willing, found out without sending anything."""

from collections.abc import Iterator

import httpx

from cli.doctor.finding import Finding, bad, good, warning
from core.settings import Settings

_REFUSED = 403
_INCOMPLETE = 400


def examine_sms(settings: Settings) -> Iterator[Finding]:
    """Asks the gateway to send to nobody: it checks the login before it misses the number."""
    sms = settings.sms
    if sms.url is None or sms.password is None:
        yield bad(
            "SMS", "no gateway is set: nobody can be called", "set ANLAN_SMS__URL and ANLAN_SMS__PASSWORD"
        )
        return
    if sms.callback_secret is None:
        yield warning(
            "SMS call-back",
            "has no secret: anybody could answer for others",
            "set ANLAN_SMS__CALLBACK_SECRET",
        )
    login = {"username": sms.user, "password": sms.password.get_secret_value(), "text": ""}
    try:
        answer = httpx.get(sms.url, params=login, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        yield bad("SMS", f"no gateway at {sms.url} ({error})", "start Kannel; ./anlan services status")
        return
    if answer.status_code == _REFUSED:
        yield bad("SMS", "the gateway refuses our login", "check ANLAN_SMS__USER and ANLAN_SMS__PASSWORD")
    elif answer.status_code == _INCOMPLETE:
        yield good("SMS", f"gateway at {sms.url} accepts our login")
    else:
        yield warning(
            "SMS", f"unexpected answer {answer.status_code}: {answer.text[:80]}", "see Kannel's log"
        )
