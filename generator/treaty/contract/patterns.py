"""The patterns of names and values in contracts, and what to tell an author whose text does not fit."""

from __future__ import annotations

VERSION = r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$"
KEY = r"^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DURATION = r"^[1-9][0-9]{0,5}(s|m|h|d)$"
EVENT_TYPE = r"^[a-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+$"
ENUM_VALUE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
FIELD_NAME = r"^[a-z][A-Za-z0-9]*$"
STEP_NAME = r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+$"
ERROR_CODE = r"^[a-z][a-z0-9_]*$"
SCENARIO_KEY = r"^[a-z0-9][a-z0-9-]*$"
HEADER_NAME = r"^[A-Z][A-Za-z0-9]*(-[A-Z0-9][A-Za-z0-9]*)*$"
ROLE = r"^[a-z][a-z0-9_-]*$"
FLAG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
FEATURE = r"^[a-z0-9][a-z0-9_.-]*$"
PHRASE = r"^[^\s]([^\r\n]*[^\s])?$"
SHARE = r"^[5-9][0-9](\.[0-9]{1,3})?%$"
LATENCY = r"^[1-9][0-9]{0,5}(ms|s)$"
WINDOW = r"^([7-9]|[1-8][0-9]|90)d$"
LINK = r"^https?://[^\s]+$"
CRON = r"^[^\s]+( [^\s]+){4}$"
ZONE = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)*$"
HANDLER = r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*$"
DATA_PATH = r"^\$(\.[A-Za-z_][A-Za-z0-9_]*|\[(0|[1-9][0-9]{0,3})\])+$"
PROVIDER_EVENT = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"

EXPLAINED: dict[str, tuple[str, str]] = {
    VERSION: ("is not a semantic version.", "Write `major.minor.patch`, such as `1.0.0`."),
    KEY: (
        "is not a contract key.",
        "Write words of letters, digits and `-`, joined by dots, such as `saas.billing.usage.record`.",
    ),
    DATE: ("is not a date.", "Write year, month and day, such as `2027-06-30`."),
    DURATION: ("is not a duration.", "Write a number and `s`, `m`, `h` or `d`, such as `24h`."),
    EVENT_TYPE: ("is not an event type.", "Write words joined by dots, such as `billing.usage.recorded`."),
    ENUM_VALUE: ("can't be a value.", "Use letters, digits, `_`, `-` and `.`, beginning with a letter or a digit."),
    FIELD_NAME: ("is not a field's name.", "Write camelCase: a small letter, then letters and digits."),
    STEP_NAME: ("is not a step function.", "Write `module.function` of `features/steps/`."),
    ERROR_CODE: ("is not an error code.", "Write small letters, digits and `_`, such as `feature_not_metered`."),
    SCENARIO_KEY: ("is not a key.", "Write small letters, digits and `-`, such as `record-usage-happy-path`."),
    HEADER_NAME: ("is not a header's name.", "Write words with a capital, joined by `-`, such as `Idempotency-Key`."),
    ROLE: ("is not a role.", "Write small letters, digits, `_` and `-`, such as `admin`."),
    FLAG: ("is not a flag's name.", "Write small letters, digits and `-`, such as `usage-forecast`."),
    FEATURE: (
        "is not a feature that can be sold.",
        "Write its lookup key: small letters, digits, `_`, `-` and `.`, such as `usage_analytics`.",
    ),
    PHRASE: ("is not one line without blanks around it.", "Write one line; a phrase is compared letter by letter."),
    SHARE: ("is not a share that can be promised.", "Write 50% to 99.999%, such as `99.9%`."),
    LATENCY: ("is not a time to answer in.", "Write a number and `ms` or `s`, such as `200ms`."),
    WINDOW: ("is not a window of 7 to 90 days.", "Write a number of days, such as `30d`."),
    LINK: ("is not a link.", "Write an address that begins with `https://` or `http://`."),
    CRON: (
        "does not have the five fields of cron.",
        "Write minute, hour, day, month and day of the week, such as `15 2 * * *`.",
    ),
    ZONE: ("is not a time zone.", "Write a name of the IANA database, such as `UTC` or `Europe/Berlin`."),
    HANDLER: ("is not a handler.", "Write `package.module:function`, such as `saas.billing.usage:record`."),
    DATA_PATH: ("does not lead into an event.", "Write `$` and names after dots, such as `$.data.object.customer`."),
    PROVIDER_EVENT: ("is not a type of event.", "Write words joined by dots, such as `invoice.payment_failed`."),
}
