"""Where Stripe's pages may send a browser back to: never just anywhere, and never unencrypted."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from treaty_runtime.settings import Settings

__all__ = ["may_come_back_to"]

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
DISGUISES = frozenset("\\ \t\r\n")  # browsers read them in their own way, and end up at another host


def may_come_back_to(address: str, settings: Settings) -> bool:
    """Whether browsers may: to the origins that the settings name, else to https addresses and this machine."""
    if any(character in DISGUISES or not character.isprintable() for character in address):
        return False
    try:
        parts = urlsplit(address)
        origin = _origin(parts)
    except ValueError:  # such as a port that is none
        return False
    if parts.hostname is None or "@" in parts.netloc:
        return False
    if settings.return_origins:
        return origin in settings.return_origins
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _origin(parts: SplitResult) -> str:
    port = parts.port
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")
