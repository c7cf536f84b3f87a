"""D6: who may call, how often, and what is remembered of it."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

AUTH_TIGHTENED = ChangeClass(
    id="D601",
    name="auth-tightened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.auth", "Defaults.policy", "OperationContract.policy"),
    reason="Callers that were let in are refused with 401 or 403.",
)
AUTH_LOOSENED = ChangeClass(
    id="D602",
    name="auth-loosened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.auth", "Defaults.policy", "OperationContract.policy"),
    reason="Callers are let in who were kept out.",
)
ROLES_TIGHTENED = ChangeClass(
    id="D603",
    name="roles-tightened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.roles",),
    reason="Callers that were let in are refused with 403.",
)
ROLES_LOOSENED = ChangeClass(
    id="D604",
    name="roles-loosened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.roles",),
    reason="Callers are let in who were kept out.",
)
RATE_LOWERED = ChangeClass(
    id="D605",
    name="rate-limit-lowered",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.rateLimit", "RateLimitSpec.requests", "RateLimitSpec.per"),
    reason="Who calls as often as was allowed is refused with 429.",
)
RATE_RAISED = ChangeClass(
    id="D606",
    name="rate-limit-raised",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("PolicySpec.rateLimit", "RateLimitSpec.requests", "RateLimitSpec.per"),
    reason="Whoever kept the old limit keeps the new one.",
    feature=True,
)
RATE_REMOVED = ChangeClass(
    id="D607",
    name="rate-limit-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.rateLimit",),
    reason="Nothing protects the service, and one caller from another, any more.",
)
RATE_SHARED = ChangeClass(
    id="D608",
    name="rate-limit-shared",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("RateLimitSpec.by",),
    reason="Callers that had a budget each share one, and are refused with 429 for what others do.",
)
RATE_SPLIT = ChangeClass(
    id="D609",
    name="rate-limit-split",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("RateLimitSpec.by",),
    reason="Callers that shared a budget have one each: together they may call more often than before.",
)
IDEMPOTENCY_REMOVED = ChangeClass(
    id="D611",
    name="idempotency-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.idempotency",),
    reason="A request that is sent again, as was safe, has its effect again.",
)
IDEMPOTENCY_ADDED = ChangeClass(
    id="D612",
    name="idempotency-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.idempotency",),
    reason="Who uses one key for different requests is refused with 409.",
)
IDEMPOTENCY_KEY_CHANGED = ChangeClass(
    id="D613",
    name="idempotency-key-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("IdempotencySpec.key",),
    reason="Requests that were the same are different ones, and have their effect again.",
)
KEEP_SHORTENED = ChangeClass(
    id="D614",
    name="idempotency-keep-shortened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("IdempotencySpec.keep",),
    reason="A request that is sent again as late as was safe is no longer recognized by its key.",
)
KEEP_LENGTHENED = ChangeClass(
    id="D615",
    name="idempotency-keep-lengthened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("IdempotencySpec.keep",),
    reason="Requests are recognized for longer than was promised.",
    feature=True,
)
AUDIT_OFF = ChangeClass(
    id="D621",
    name="audit-off",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=(
        "PolicySpec.audit",
        "JobContract.audit",
    ),
    reason="Calls leave no record any more.",
)
AUDIT_ON = ChangeClass(
    id="D622",
    name="audit-on",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=(
        "PolicySpec.audit",
        "JobContract.audit",
    ),
    reason="Calls leave a record; they are answered as before.",
)
SENSITIVE_OFF = ChangeClass(
    id="D623",
    name="sensitive-off",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("FieldSpec.sensitive",),
    reason="Values that were kept out of audit records reach them.",
)
SENSITIVE_ON = ChangeClass(
    id="D624",
    name="sensitive-on",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("FieldSpec.sensitive",),
    reason="Values are kept out of audit records; those written before still have them.",
)
GRANTS_CHANGED = ChangeClass(
    id="D625",
    name="grants-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("EntityContract.grants", "GrantsSpec.person", "GrantsSpec.role"),
    reason="People are looked up elsewhere: members are refused, or others are let in.",
)
GRANTS_ADDED = ChangeClass(
    id="D626",
    name="grants-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("EntityContract.grants",),
    reason="Organization and roles of people no longer come from their tokens: who has no row is refused.",
)
READ_ROLES_TIGHTENED = ChangeClass(
    id="D627",
    name="read-roles-tightened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("FieldSpec.readRoles",),
    reason="Callers that read the field do not find it any more.",
)
READ_ROLES_LOOSENED = ChangeClass(
    id="D628",
    name="read-roles-loosened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("FieldSpec.readRoles",),
    reason="Callers are shown what was kept from them.",
)
FLAG_ADDED = ChangeClass(
    id="D631",
    name="flag-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.flag",),
    reason="Where the flag is not on, callers that were answered find nothing (404).",
)
FLAG_REMOVED = ChangeClass(
    id="D632",
    name="flag-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.flag",),
    reason="Callers are let in for whom it was off, and it can't be turned off any more.",
)
FLAG_CHANGED = ChangeClass(
    id="D633",
    name="flag-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.flag",),
    reason="The new flag is off until somebody turns it on: callers that were answered find nothing (404).",
)
CACHE_ADDED = ChangeClass(
    id="D634",
    name="cache-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.cache",),
    reason="Callers that keep answers are told what was so a while ago; until now they were told what is so.",
    feature=True,
)
CACHE_REMOVED = ChangeClass(
    id="D635",
    name="cache-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.cache",),
    reason="Every question reaches the service, and is answered in full whether anything changed or not.",
)
CACHE_LENGTHENED = ChangeClass(
    id="D636",
    name="cache-lengthened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.cache", "CacheSpec.private"),
    reason="Callers that keep answers are told what was so longer ago.",
)
CACHE_SHORTENED = ChangeClass(
    id="D637",
    name="cache-shortened",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("PolicySpec.cache", "CacheSpec.private"),
    reason="Callers are told sooner what changed.",
)
ENTITLEMENT_ADDED = ChangeClass(
    id="D651",
    name="entitlement-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.entitlement",),
    reason="Callers that were answered are refused (403) where the organization is not entitled to the feature.",
)
ENTITLEMENT_REMOVED = ChangeClass(
    id="D652",
    name="entitlement-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=("PolicySpec.entitlement",),
    reason="Everybody may call what was paid for until now.",
)
ENTITLEMENT_CHANGED = ChangeClass(
    id="D653",
    name="entitlement-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("PolicySpec.entitlement",),
    reason="Organizations that are entitled to the one feature and not to the other are refused (403).",
)
ENTITLES_CHANGED = ChangeClass(
    id="D654",
    name="entitles-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=("EntityContract.entitles", "EntitlesSpec.feature", "EntitlesSpec.lapsed"),
    reason="Entitlements are looked up elsewhere: organizations are refused, or others are let in.",
)
