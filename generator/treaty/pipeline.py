"""What the runtime's pipeline answers by itself, in every operation: codes that contracts need not declare.

The runtime has the same list as classes (`treaty_runtime.refusals`); a test compares the two.
"""

from __future__ import annotations

PIPELINE_ERRORS: dict[str, int] = {
    "bad_signature": 400,
    "entitlement_required": 403,
    "forbidden": 403,
    "head_too_large": 431,
    "idempotency_conflict": 409,
    "internal": 500,
    "invalid": 422,
    "malformed": 400,
    "method_not_allowed": 405,
    "not_found": 404,
    "payload_too_large": 413,
    "rate_limited": 429,
    "request_timeout": 408,
    "stale": 409,
    "tenant_required": 400,
    "too_many_failed_attempts": 429,
    "unauthenticated": 401,
    "unavailable": 503,
    "unsupported_media_type": 415,
}
# What the caller is told; in OpenAPI it explains the code.
PIPELINE_TITLES: dict[str, str] = {
    "bad_signature": "The signature is missing, wrong, or not of now.",
    "entitlement_required": "Your plan does not include this.",
    "forbidden": "You may not do this.",
    "head_too_large": "The request line and the headers are too long.",
    "idempotency_conflict": "This idempotency key was used before, with another request.",
    "internal": "The service failed. The log has the details under the request id.",
    "invalid": "The request does not fit the schema.",
    "malformed": "The request cannot be read.",
    "method_not_allowed": "This path does not answer that method.",
    "not_found": "There is nothing here.",
    "payload_too_large": "The body is too long.",
    "rate_limited": "Too many requests.",
    "request_timeout": "The request did not arrive in time.",
    "stale": "It was changed meanwhile. Read it again, and decide anew.",
    "tenant_required": "The header Treaty-Tenant is needed: you belong to more than one organization.",
    "too_many_failed_attempts": "Too many attempts with wrong credentials came from your address.",
    "unauthenticated": "A valid access token or API key is needed.",
    "unavailable": "The service cannot reach its database. Try again.",
    "unsupported_media_type": "The body must be application/json, in UTF-8, without compression.",
}
# Statuses that mean what the pipeline means by them, and nothing else.
PIPELINE_STATUSES = frozenset({401, 405, 406, 408, 411, 413, 414, 415, 422, 426, 428, 429, 431})
