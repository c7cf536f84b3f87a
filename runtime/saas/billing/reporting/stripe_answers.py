"""What Stripe's refusals mean for usage: for now, or for good."""

from __future__ import annotations

import re

import stripe

__all__ = ["TOO_SLOW", "code_of", "is_passing", "said"]

TOO_EARLY = (409, 424, 425, 429)
NOT_YET = "timestamp_in_future"  # by Stripe's clock: ours is ahead of it, and the time will come
LONGEST = 64
TOO_SLOW = "it took too long to send all of it"


def is_passing(error: stripe.StripeError) -> bool:
    """Whether the same request may be taken later: too many, too early, an accident of Stripe's, no answer, no key."""
    if isinstance(error, stripe.APIConnectionError | stripe.AuthenticationError | stripe.PermissionError):
        return True
    if error.code == NOT_YET:
        return True
    return error.http_status is None or error.http_status >= 500 or error.http_status in TOO_EARLY


def code_of(error: stripe.StripeError) -> str:
    """Why it was refused, as a code of few characters."""
    return re.sub(r"[^a-z0-9_]", "_", (error.code or "refused").lower())[:LONGEST]


def said(error: stripe.StripeError) -> str:
    """The same as a sentence for the log, without anything of the request."""
    return f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()
