"""Settings: environment variables, read and validated once, each with one clear message when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from treaty_runtime.development import development_secret
from treaty_runtime.errors import SettingsError
from treaty_runtime.project import Project, ProjectError

__all__ = ["SIMULATOR", "Settings"]

PREFIX = "TREATY_"
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
SHORTEST_SECRET = 32
SIMULATOR = "simulator"  # instead of a key of Stripe


def _postgres_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(value.get_secret_value())
    except (ArgumentError, ValueError):  # what they say may hold the password
        raise ValueError("is not a URL") from None
    if url.drivername not in {"postgresql", "postgres"}:
        raise ValueError("is not the URL of a PostgreSQL database")
    return value


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} bytes, so it could be guessed")
    return value


def _all_long_enough(value: SecretStr) -> SecretStr:
    for secret in value.get_secret_value().split() or [""]:
        _long_enough(SecretStr(secret))
    return value


def _jwks_source(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if separator and (scheme not in {"https", "http"} or not rest or any(map(str.isspace, rest))):
        raise ValueError("is neither the URL nor the path of a file with keys (JWKS)")
    return value


def _webhook_secrets(value: SecretStr) -> SecretStr:
    for secret in value.get_secret_value().split(","):
        if not secret.strip():
            raise ValueError("holds an empty secret, with which anybody could sign")
        _long_enough(SecretStr(secret.strip()))
    return value


def _stripe_key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != SIMULATOR and not text.startswith(("sk_", "rk_")):
        raise ValueError(f"is neither a secret key of Stripe (sk_… or rk_…) nor `{SIMULATOR}`")
    return value


def _origins(value: str) -> str:
    for origin in value.split(","):
        if not ORIGIN.fullmatch(origin.strip()):
            raise ValueError(f"holds `{origin.strip()}`, which is no origin: write small letters and no path")
    return value


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]


class Settings(BaseSettings):
    """What the environment says. `Settings.load()` reads it; tests give fields by name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        validate_default=True,
    )

    database_url: PostgresUrl | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="The database, as the role that serves (`treaty_app`). Unset: an embedded PostgreSQL is started.",
        examples=["postgresql://treaty_app:password@db.example/billing"],
    )
    database_system_url: PostgresUrl | None = Field(
        default=None,
        validation_alias="DATABASE_SYSTEM_URL",
        description="The same database, as the role that looks up keys and relays events (`treaty_system`).",
        examples=["postgresql://treaty_system:password@db.example/billing"],
    )
    database_owner_url: PostgresUrl | None = Field(
        default=None,
        validation_alias="DATABASE_OWNER_URL",
        description="The same database, as the role that owns the tables (`treaty_owner`). Only `treaty upgrade` and "
        "`treaty downgrade` read it: the service does without, so give it to migrations alone.",
        examples=["postgresql://treaty_owner:password@db.example/billing"],
    )
    database_pool_size: int = Field(
        default=10, ge=1, le=1000, description="How many connections each role keeps open at most.", examples=["10"]
    )
    database_pool_timeout: float = Field(
        default=5.0, gt=0, le=600, description="Seconds that a request waits for a free connection.", examples=["5"]
    )
    database_export_connections: int = Field(
        default=2,
        ge=1,
        le=1000,
        description="How many exports are read at a time: each keeps a connection of its own until its caller has it "
        "all. Who comes when all are taken waits as for any other connection, and is answered with 503.",
        examples=["2"],
    )
    export_timeout: float = Field(
        default=600.0,
        gt=0,
        le=86_400,
        description="Seconds after which an export is broken off: as long as it is read, the database clears nothing "
        "away that it might still show.",
        examples=["600"],
    )
    statement_timeout: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds after which the database gives a statement up, and a transaction that does nothing. An "
        "export whose caller takes nothing for as long is broken off.",
        examples=["30"],
    )
    data_dir: Path = Field(
        default=Path(".treaty"),
        description="Where the embedded PostgreSQL and development secrets are kept; below the project's folder "
        "unless it begins with a slash.",
        examples=[".treaty"],
    )
    host: str = Field(
        default="127.0.0.1", description="The address that the service listens on.", examples=["127.0.0.1"]
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 takes a free one.", examples=["8000"])
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses and networks, with commas, of the proxies whose `X-Forwarded-For` says where a request "
        "comes from. Name your load balancer: failed attempts are counted by address.",
        examples=["10.0.0.0/8"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important log line that is written.", examples=["info"]
    )
    jwt_secret: Secret | None = Field(
        default=None,
        description="The secret that access tokens are signed with (HS256), 32 bytes or more. With `DATABASE_URL` this "
        "or `TREATY_JWT_JWKS` is required; else a random one is kept in the data folder.",
        examples=["$(openssl rand -hex 32)"],
    )
    jwt_secret_before: Secret | None = Field(
        default=None,
        description="The secret before that one: tokens signed with it still hold. Take it away when all have expired.",
        examples=["$(cat the-secret-before)"],
    )
    jwt_jwks: Annotated[str, AfterValidator(_jwks_source)] | None = Field(
        default=None,
        description="The public keys (JWKS) of whoever signs people in, for access tokens with RS256 or ES256: a URL "
        "or the path of a file. They are read again every 10 minutes, and for a key that is not among them.",
        examples=["https://login.example/.well-known/jwks.json"],
    )
    cursor_secret: Annotated[SecretStr, AfterValidator(_all_long_enough)] | None = Field(
        default=None,
        description="What the cursors of pages are sealed with, 32 bytes or more. Unset: keys derived from "
        "`TREATY_JWT_SECRET`; without that, a service that answers in pages needs it. With a blank in between, two: "
        "the first one seals, and cursors of both hold. All replicas need the same.",
        examples=["$(openssl rand -hex 32)"],
    )
    jwt_issuer: str = Field(
        default="treaty", min_length=1, description="The `iss` that access tokens must have.", examples=["treaty"]
    )
    jwt_audience: str = Field(
        default="treaty", min_length=1, description="The `aud` that access tokens must have.", examples=["treaty"]
    )
    jwt_leeway: float = Field(
        default=30.0,
        ge=0,
        le=600,
        description="Seconds by which the clocks of whoever signs people in and of this service may differ.",
        examples=["30"],
    )
    max_body_bytes: int = Field(
        default=1_000_000, ge=1, description="The longest body that the service reads.", examples=["1000000"]
    )
    request_timeout: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds that a caller has to send a request, its head and its body; then it is refused with 408.",
        examples=["30"],
    )
    failed_attempts: int = Field(
        default=20,
        ge=1,
        description="How many wrong credentials an address may present in five minutes before it has to wait.",
        examples=["20"],
    )
    shutdown_delay: float = Field(
        default=0.0,
        ge=0,
        le=600,
        description="Seconds between SIGTERM and the end of listening. `/health/ready` says 503 meanwhile, so that a "
        "load balancer sends nobody here any more.",
        examples=["5"],
    )
    shutdown_timeout: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="Seconds that running requests, and what a worker has begun, have to end at a stop. What has not "
        "ended by then is rolled back.",
        examples=["30"],
    )
    operator_host: str = Field(
        default="127.0.0.1",
        description="The address of `TREATY_OPERATOR_PORT`. Whoever reaches it needs no credentials: keep it private.",
        examples=["10.0.0.5"],
    )
    operator_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="The port at which servers and workers tell operators how they are: `/metrics`, `/health/live`, "
        "`/health/ready` and `/health/detailed`. 0 takes a free one. Unset: none is opened.",
        examples=["9464"],
    )
    operator_token: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None,
        description="A secret of 32 bytes or more. With it as a bearer token, the public address answers `/metrics` "
        "and `/health/detailed`, too. Unset: it does not.",
        examples=["$(openssl rand -hex 32)"],
    )
    traces_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="Where traces are sent, by OpenTelemetry's protocol over HTTP. Needs the extra "
        "`treaty-runtime[otel]`. Unset: nothing is traced, at no cost.",
        examples=["http://127.0.0.1:4318/v1/traces"],
    )
    jobs_concurrency: int = Field(
        default=4, ge=1, le=1000, description="How many jobs a worker carries out at a time.", examples=["4"]
    )
    traces_share: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Which part of the requests is traced, from 0 to 1; those that come as a part of a trace are "
        "traced when that is.",
        examples=["0.1"],
    )
    events_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="Where the relay posts events, as CloudEvents. Unset: they are written to the log.",
        examples=["https://events.example/in"],
    )
    events_secret: Annotated[SecretStr, AfterValidator(_all_long_enough)] | None = Field(
        default=None,
        description="What events are signed with, as Standard Webhooks says: 32 characters or more, or `whsec_` and a "
        "key in base64. Required with `TREATY_EVENTS_URL`. With a blank in between, two: both sign, until every "
        "receiver knows the new one.",
        examples=["$(openssl rand -hex 32)"],
    )
    events_allow_private: bool = Field(
        default=False,
        description="Whether `TREATY_EVENTS_URL` may lead to an address that is not public: `localhost`, a private "
        "network, a cloud's metadata. What a name leads to is looked up for every event.",
        examples=["true"],
    )
    events_attempts: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description="How often an event is sent before it is given up: the first ten in the first half hour, then one "
        "every ten minutes. `treaty events` shows what was given up, and sends it again.",
        examples=["50"],
    )
    events_timeout: float = Field(
        default=10.0, gt=0, le=600, description="Seconds that `TREATY_EVENTS_URL` has to answer.", examples=["10"]
    )

    entitlement_grace: float = Field(
        default=7.0,
        ge=0,
        le=365,
        description="Days that an organization keeps what it is entitled to when a payment is late or its subscription "
        "has ended. It counts from then, whenever the service hears of it.",
        examples=["7"],
    )
    upgrade_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="Where a larger plan can be had: told to callers whose organization is not entitled to what they "
        "ask for. Unset: they are told that it is not, and not where.",
        examples=["https://app.example/billing"],
    )

    stripe_api_key: Annotated[SecretStr, AfterValidator(_stripe_key)] | None = Field(
        default=None,
        validation_alias="STRIPE_API_KEY",
        description="The secret key of Stripe's API, or `simulator` for a simulator of Stripe, where no money moves. "
        "With `DATABASE_URL`, a service that hears from Stripe needs one of the two; else it is the simulator.",
        examples=["$(cat the-stripe-key)"],
    )
    stripe_webhook_secrets: Annotated[SecretStr, AfterValidator(_webhook_secrets)] | None = Field(
        default=None,
        validation_alias="STRIPE_WEBHOOK_SECRETS",
        description="What Stripe signs its webhooks with (`whsec_…`); several, with commas, while one is replaced: any "
        "of them will do. With `DATABASE_URL`, a service that hears from Stripe needs it; else a random one is kept in "
        "the data folder.",
        examples=["$(cat the-webhook-secret)"],
    )
    stripe_return_origins: Annotated[str, AfterValidator(_origins)] | None = Field(
        default=None,
        validation_alias="STRIPE_RETURN_ORIGINS",
        description="The origins, with commas, that Stripe's pages may send browsers back to. Unset: any https "
        "address, and this machine.",
        examples=["https://app.example"],
    )

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises `SettingsError` with one message that names every wrong variable."""
        try:
            settings = cls()
        except ValidationError as error:
            raise SettingsError(_message(cls.model_fields, error)) from None
        settings = settings.model_copy(update={"data_dir": _project_folder() / settings.data_dir})
        return settings.model_copy(update=dict(_made_up(settings)))

    @property
    def embedded(self) -> bool:
        """Whether the service brings its own PostgreSQL."""
        return self.database_url is None

    @property
    def jwt_key(self) -> str:
        """The secret that access tokens are signed with. Raises `SettingsError` when there is none."""
        if self.jwt_secret is None:
            raise SettingsError(f"{PREFIX}JWT_SECRET is not set; write 32 random bytes or more.")
        return self.jwt_secret.get_secret_value()

    @property
    def jwt_keys(self) -> tuple[str, ...]:
        """The secrets that access tokens with HS256 may be signed with: none where all come from another's keys."""
        return tuple(key.get_secret_value() for key in (self.jwt_secret, self.jwt_secret_before) if key is not None)

    @property
    def cursor_secrets(self) -> tuple[str, ...]:
        """What the cursors of pages may be sealed with, the one that seals new ones first; there may be none."""
        if self.cursor_secret is not None:
            return tuple(self.cursor_secret.get_secret_value().split())
        return self.jwt_keys

    @property
    def stripe_secrets(self) -> tuple[str, ...]:
        """What Stripe may have signed a webhook with; none where it sends none."""
        if self.stripe_webhook_secrets is None:
            return ()
        return tuple(secret.strip() for secret in self.stripe_webhook_secrets.get_secret_value().split(","))

    @property
    def return_origins(self) -> tuple[str, ...]:
        """What browsers may come back to; empty where every https address will do."""
        return tuple(part.strip() for part in (self.stripe_return_origins or "").split(",") if part.strip())

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.events_url is not None and self.events_secret is None:
            raise ValueError(f"{PREFIX}EVENTS_URL is set, so {PREFIX}EVENTS_SECRET must be set as well")
        if self.database_url is None:
            for name in ("DATABASE_SYSTEM_URL", "DATABASE_OWNER_URL"):
                if getattr(self, name.lower()) is not None:
                    raise ValueError(f"DATABASE_URL is not set, but {name} is; set both or neither")
            return self
        missing = [
            variable
            for variable, value in (
                ("DATABASE_SYSTEM_URL", self.database_system_url),
                (f"{PREFIX}JWT_SECRET or {PREFIX}JWT_JWKS", self.jwt_secret or self.jwt_jwks),
            )
            if value is None
        ]
        if missing:
            raise ValueError(f"DATABASE_URL is set, so {' and '.join(missing)} must be set as well")
        return self


def variable_of(name: str, field: FieldInfo) -> str:
    """The environment variable that fills a field."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{name.upper()}"


def _made_up(settings: Settings) -> Iterator[tuple[str, SecretStr]]:
    """What a developer's machine needs and nobody has said."""
    if not settings.embedded:
        return
    if settings.jwt_secret is None:
        yield "jwt_secret", SecretStr(development_secret(settings.data_dir / "jwt-secret"))
    if settings.stripe_webhook_secrets is None:
        secret = development_secret(settings.data_dir / "stripe-webhook-secret")
        yield "stripe_webhook_secrets", SecretStr(f"whsec_{secret}")
    if settings.stripe_api_key is None:
        yield "stripe_api_key", SecretStr(SIMULATOR)


def _project_folder() -> Path:
    # A command means the same database wherever in the project it is given.
    try:
        return Project.find().root
    except ProjectError:
        return Path.cwd()


def _message(fields: dict[str, FieldInfo], error: ValidationError) -> str:
    return "\n".join(["The settings are wrong:", *(f"  {line}" for line in _complaints(fields, error))])


def _complaints(fields: dict[str, FieldInfo], error: ValidationError) -> Iterator[str]:
    by_location = {key: (name, field) for name, field in fields.items() for key in (name, variable_of(name, field))}
    for problem in error.errors(include_url=False, include_input=False):
        what = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            yield f"{what}."
            continue
        name, field = by_location[str(problem["loc"][0])]
        variable = variable_of(name, field)
        yield f"{variable}: {what[:1].lower()}{what[1:]}. Write, for example, {variable}={_example(field)}"


def _example(field: FieldInfo) -> str:
    return str((field.examples or [field.default])[0])
