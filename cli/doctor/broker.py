"""The broker: does each login of ours get in, and only ours."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from cli.doctor.finding import Finding, bad, good, warning
from core.settings import Settings

_TIMEOUT_S = 3.0


def examine_broker(settings: Settings) -> Iterator[Finding]:
    """One finding a login, then whether strangers get in."""
    logins = {
        "broker login": settings.mqtt_url,
        "broker login of ingest": settings.ingest.mqtt_url,
        "broker login of dispatch": settings.dispatch.mqtt_url,
    }
    if not any(logins.values()):
        yield bad("broker", "ANLAN_MQTT_URL is not set", 'set it, or eval "$(./anlan services env)"')
        return
    for subject, secret in logins.items():
        if secret is None:
            continue
        answer = log_in(secret.get_secret_value())
        if answer:
            yield bad(subject, answer, "check the address, the account and ./anlan services status")
        else:
            yield good(subject, "accepted")
    known = next(secret.get_secret_value() for secret in logins.values() if secret)
    place = urlsplit(known)
    if log_in(f"mqtt://{place.hostname}:{place.port or 1883}") is None:
        yield warning("broker", "lets anybody in without a password", "allow_anonymous false")
    yield good(
        "broker, honestly",
        "a killed broker may lose what it had acknowledged; senders with `seq` resend until our commit",
    )


def log_in(url: str) -> str | None:
    """Connects once; None when accepted, else the reason."""
    place = urlsplit(url)
    reasons: list[str | None] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.connect_timeout = _TIMEOUT_S
    if place.username:
        client.username_pw_set(unquote(place.username), unquote(place.password or ""))
    client.on_connect = lambda *answer: reasons.append(str(answer[3]) if answer[3].is_failure else None)
    try:
        client.connect(place.hostname or "", place.port or 1883)
        for _ in range(30):
            client.loop(_TIMEOUT_S / 30)
            if reasons:
                break
        client.disconnect()
    except OSError as error:
        return f"no broker at {place.hostname}:{place.port or 1883} ({error})"
    return reasons[0] if reasons else "no answer"
