"""D9: jobs: what is done that nobody waits for. Those that were enqueued before a change are done after it."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Severity

JOB_REMOVED = ChangeClass(
    id="D901",
    name="job-removed",
    reader=None,
    severity=Severity.BREAKING,
    words=("Contract.key", "JobContract.kind"),
    reason="Nobody does it any more, and those that wait under its key wait for ever.",
)
JOB_ADDED = ChangeClass(
    id="D902",
    name="job-added",
    reader=None,
    severity=Severity.SAFE,
    words=("Contract.key", "JobContract.kind"),
    reason="What was done before is still done.",
)
SCHEDULE_ADDED = ChangeClass(
    id="D903",
    name="job-schedule-added",
    reader=None,
    severity=Severity.RISKY,
    words=("JobContract.schedule", "ScheduleSpec.cron", "ScheduleSpec.zone"),
    reason="It runs by itself now, where somebody had to ask for it.",
)
SCHEDULE_CHANGED = ChangeClass(
    id="D904",
    name="job-schedule-changed",
    reader=None,
    severity=Severity.RISKY,
    words=("JobContract.schedule", "ScheduleSpec.cron", "ScheduleSpec.zone"),
    reason="It runs at other times: what counts on the old ones finds it not done yet, or done too often.",
)
SCHEDULE_REMOVED = ChangeClass(
    id="D905",
    name="job-schedule-removed",
    reader=None,
    severity=Severity.BREAKING,
    words=("JobContract.schedule", "ScheduleSpec.cron", "ScheduleSpec.zone"),
    reason="It runs by itself no longer; what counts on it being done waits in vain.",
)
EVENT_CHANGED = ChangeClass(
    id="D912",
    name="job-event-changed",
    reader=None,
    severity=Severity.BREAKING,
    words=("JobContract.on",),
    reason="What it was done after is followed by nothing any more; those that wait have another input.",
)
TENANT_CHANGED = ChangeClass(
    id="D906",
    name="job-tenant-changed",
    reader=None,
    severity=Severity.BREAKING,
    words=("JobContract.tenant",),
    reason="It sees other rows than before, and those that wait were enqueued for the old ones.",
)
ONCE_CHANGED = ChangeClass(
    id="D907",
    name="job-once-changed",
    reader=None,
    severity=Severity.RISKY,
    words=("JobContract.once",),
    reason="Jobs that were one are several, or several are one.",
)
RETRY_LOWERED = ChangeClass(
    id="D908",
    name="job-retry-lowered",
    reader=None,
    severity=Severity.RISKY,
    words=("JobContract.retry", "RetrySpec.attempts", "RetrySpec.backoff"),
    reason="It is given up sooner: what passed by itself may need somebody now.",
)
RETRY_RAISED = ChangeClass(
    id="D909",
    name="job-retry-raised",
    reader=None,
    severity=Severity.SAFE,
    words=("JobContract.retry", "RetrySpec.attempts", "RetrySpec.backoff"),
    reason="It is tried for longer before somebody has to look.",
)
TIMEOUT_SHORTENED = ChangeClass(
    id="D910",
    name="job-timeout-shortened",
    reader=None,
    severity=Severity.RISKY,
    words=("JobContract.timeout",),
    reason="Attempts that took their time, as was allowed, fail.",
)
TIMEOUT_LENGTHENED = ChangeClass(
    id="D911",
    name="job-timeout-lengthened",
    reader=None,
    severity=Severity.SAFE,
    words=("JobContract.timeout",),
    reason="Every attempt that ended in time still does.",
)
