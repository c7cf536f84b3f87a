"""Sets of contracts of any size for the benchmarks: ten in each namespace, of all kinds, about 2 KB each."""

from __future__ import annotations

from pathlib import Path

PER_NAMESPACE = 10

PYPROJECT = """\
[tool.treaty]
title = "Benchmark"
version = "1.0.0"
description = "A set of contracts for measuring."
"""

OPERATION = """\
kind: command
key: {namespace}.{name}.record
version: 1.0.0
stability: stable
owners: ["@example.team"]
tags: [bench, {name}]
description: Record a {name} of an account.
goal: Every {name} is known before it is billed.
context: Called by services whenever a {name} happens.
http: POST /{path}/{name} -> 201
input:
  account: {{type: string, minLength: 1, maxLength: 64, description: The account that it happened to.}}
  quantity: {{type: integer, minimum: 1, maximum: 1000000, description: How often it happened.}}
  idempotencyKey: {{type: string, minLength: 1, maxLength: 100, description: Names the request.}}
  occurredAt: {{type: optional datetime, description: When it happened; now when left out.}}
  status: {{type: Status, description: What state it left things in.}}
  labels: {{type: optional list of string, maxItems: 20, description: Words to find it by.}}
  place:
    description: Where it happened.
    fields:
      city: {{type: string, maxLength: 80}}
      latitude: {{type: optional number, minimum: -90, maximum: 90}}
      longitude: {{type: optional number, minimum: -180, maximum: 180}}
output:
  id: {{type: uuid, description: The new record.}}
  recorded: {{type: boolean, description: Whether it was new.}}
  total: {{type: integer, minimum: 0, description: How often it has happened by now.}}
errors:
  account_closed: The account takes nothing any more.
  account_unknown: {{status: 404, when: There is no such account.}}
policy:
  auth: user
  roles: [admin, member]
  rateLimit: {{requests: 600, per: minute, by: organization}}
  idempotency: {{key: idempotencyKey, keep: 24h}}
  audit: true
emits:
  - {{event: {name}.recorded, when: It was new.}}
acceptance:
  examples:
    - key: record-one
      input: {{account: acme, quantity: 1, idempotencyKey: a-1, status: open, place: {{city: Bern}}}}
      output: {{id: 5f0c6a3e-2b43-4c53-9c39-7d3f5d0a4c11, recorded: true, total: 1}}
    - key: closed
      input: {{account: closed, quantity: 1, idempotencyKey: a-2, status: open, place: {{city: Bern}}}}
      error: account_closed
    - key: unknown
      input: {{account: nobody, quantity: 1, idempotencyKey: a-3, status: open, place: {{city: Bern}}}}
      error: account_unknown
"""

EVENT = """\
kind: event
key: {namespace}.{name}.recorded
version: 1.0.0
owners: ["@example.team"]
tags: [bench, {name}]
description: A {name} was recorded.
payload:
  account: {{type: string, maxLength: 64, description: The account that it happened to.}}
  quantity: {{type: integer, minimum: 1, description: How often it happened.}}
  status: {{type: Status, description: What state it left things in.}}
  recordedAt: {{type: datetime, description: When it was recorded.}}
"""

ENTITY = """\
kind: entity
key: {namespace}.{entity}
version: 1.0.0
owners: ["@example.team"]
tags: [bench, {name}]
description: What is kept of a {name}.
fields:
  id: {{type: uuid, primary: true}}
  account: {{type: string, maxLength: 64, description: The account that it happened to.}}
  quantity: {{type: integer, minimum: 1, description: How often it happened.}}
  status: {{type: Status, description: What state it left things in.}}
  occurredAt: {{type: datetime, description: When it happened.}}
  recordedAt: {{type: datetime, default: now}}
  labels: {{type: optional list of string, maxItems: 20}}
unique:
  - [account, occurredAt]
index:
  - [status, occurredAt]
"""

STATUS = """\
kind: type
key: {namespace}.Status
version: 1.0.0
owners: ["@example.team"]
description: A state that things can be in.
values:
  open: Something is to be done.
  waiting: Somebody else is to do something.
  closed: Nothing is to be done.
"""


def write_set(folder: Path, contracts: int) -> Path:
    """A project of `contracts` contracts (a multiple of ten) in `folder`: a type and three triples a namespace."""
    (folder / "pyproject.toml").parent.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for number in range(contracts // PER_NAMESPACE):
        _write_namespace(folder / "contracts", f"area{number // 10}.part{number}")
    return folder


def _write_namespace(contracts: Path, namespace: str) -> None:
    place = contracts.joinpath(*namespace.split("."))
    place.mkdir(parents=True)
    (place / "Status.yaml").write_text(STATUS.format(namespace=namespace))
    for name in ("visit", "order", "ticket"):
        words = {"namespace": namespace, "name": name, "entity": name.title(), "path": namespace.replace(".", "/")}
        (place / f"{name}.record.yaml").write_text(OPERATION.format(**words))
        (place / f"{name}.recorded.yaml").write_text(EVENT.format(**words))
        (place / f"{name.title()}.yaml").write_text(ENTITY.format(**words))
