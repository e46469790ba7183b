"""The pages: whether they answer here."""

import httpx

from cli.doctor.finding import Finding, bad, good
from core.settings import Settings

_OK = 200


def examine_web(settings: Settings) -> Finding:
    """Asks `/readyz`, which is ready when the database answers the pages."""
    url = f"http://127.0.0.1:{settings.web.port}/readyz"
    try:
        answer = httpx.get(url, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        return bad("web", f"no pages at {url} ({error or type(error).__name__})", "anlan web, or anlan run")
    if answer.status_code != _OK:
        return bad("web", f"{url} says {answer.status_code}: {answer.text[:120]}", "see its log")
    return good("web", f"pages at {url}")
