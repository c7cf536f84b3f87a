"""Sets of contracts of any size for the benchmarks: ten in each namespace, of all kinds, about 2 KB each."""

from __future__ import annotations

from pathlib import Path

PER_NAMESPACE = 10
THINGS = ("visit", "order")

PYPROJECT = """\
[tool.treaty]
title = "Benchmark"
version = "1.0.0"
description = "A set of contracts for measuring."
"""

COMMAND = """\
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
  scenarios:
    - key: record-{name}
      given:
        - An account of {namespace} with a {name}
      when:
        - A {name} of {namespace} is recorded
      then:
        - The {name} of {namespace} is stored
    - key: record-{name}-of-a-closed-account
      given:
        - An account of {namespace} with a {name}
        - 3 earlier {name} records of {namespace}
      when:
        - A {name} of a closed account of {namespace} is recorded
      then:
        - The {name} of {namespace} is refused
  examples:
    - key: record-one
      given:
        - An account of {namespace} with a {name}
      input: {{account: acme, quantity: 1, idempotencyKey: a-1, status: open, place: {{city: Bern}}}}
      output: {{id: 5f0c6a3e-2b43-4c53-9c39-7d3f5d0a4c11, recorded: true, total: 1}}
    - key: closed
      input: {{account: closed, quantity: 1, idempotencyKey: a-2, status: open, place: {{city: Bern}}}}
      error: account_closed
    - key: unknown
      input: {{account: nobody, quantity: 1, idempotencyKey: a-3, status: open, place: {{city: Bern}}}}
      error: account_unknown
"""

QUERY = """\
kind: query
key: {namespace}.{name}.list
version: 1.0.0
stability: beta
owners: ["@example.team"]
tags: [bench, {name}]
description: List the {name} records of an account.
goal: Whoever answers for an account sees every {name}.
http: GET /{path}/{name}/{{account}}
input:
  account: {{type: string, minLength: 1, maxLength: 64, description: The account that they belong to.}}
  status: {{type: optional Status, description: Only those that left things in this state.}}
  since: {{type: optional datetime, description: Only those that happened since.}}
  limit: {{type: integer, minimum: 1, maximum: 200, default: 50, description: How many at most.}}
output:
  records:
    type: list of object
    maxItems: 200
    description: The newest first.
    fields:
      id: {{type: uuid, description: The record.}}
      quantity: {{type: integer, minimum: 1, description: How often it happened.}}
      status: {{type: Status, description: What state it left things in.}}
      occurredAt: {{type: datetime, description: When it happened.}}
  total: {{type: integer, minimum: 0, description: How many there are.}}
errors:
  account_unknown: {{status: 404, when: There is no such account.}}
policy:
  auth: user
  roles: [admin, member, reader]
  rateLimit: {{requests: 1200, per: minute, by: user}}
acceptance:
  examples:
    - key: list-none
      input: {{account: acme, limit: 10}}
      output: {{records: [], total: 0}}
    - key: unknown
      input: {{account: nobody}}
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

PHRASES = """\
kind: vocabulary
key: {namespace}.phrases
version: 1.0.0
owners: ["@example.team"]
description: What the scenarios of this area say.
phrases:
"""

PHRASES_OF = """\
  - given: An account of {namespace} with a {name}
    also: ["An account with a {name} of {namespace}"]
    do:
      - create:
          {entity}: {{account: acme, quantity: 1, status: open, occurredAt: "2026-01-31T12:00:00Z"}}
        name: {name}
  - given: "{{number:d}} earlier {name} records of {namespace}"
    do:
      - create:
          {entity}: {{account: acme, quantity: "{{number}}", status: waiting, occurredAt: "2026-01-30T12:00:00Z"}}
        name: earlier
  - when: A {name} of {namespace} is recorded
    do:
      call: {name}.record
      input: {{account: acme, quantity: 2, idempotencyKey: b-1, status: open, place: {{city: Bern}}}}
  - when: A {name} of a closed account of {namespace} is recorded
    do:
      call: {name}.record
      input: {{account: closed, quantity: 2, idempotencyKey: b-2, status: open, place: {{city: Bern}}}}
  - then: The {name} of {namespace} is stored
    expect: {{outcome: success, output: {{recorded: true}}, events: [{name}.recorded]}}
  - then: The {name} of {namespace} is refused
    expect: {{error: account_closed, changes: none}}
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
    """A project of `contracts` contracts (a multiple of ten) in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for number in range(contracts // PER_NAMESPACE):
        _write_namespace(folder / "contracts", f"area{number // 10}.part{number}")
    return folder


def _write_namespace(contracts: Path, namespace: str) -> None:
    """A type, a vocabulary, and for each of two things a command, a query, an event and an entity."""
    place = contracts.joinpath(*namespace.split("."))
    place.mkdir(parents=True)
    (place / "Status.yaml").write_text(STATUS.format(namespace=namespace))
    phrases = PHRASES.format(namespace=namespace)
    for name in THINGS:
        words = {"namespace": namespace, "name": name, "entity": name.title(), "path": namespace.replace(".", "/")}
        (place / f"{name}.record.yaml").write_text(COMMAND.format(**words))
        (place / f"{name}.list.yaml").write_text(QUERY.format(**words))
        (place / f"{name}.recorded.yaml").write_text(EVENT.format(**words))
        (place / f"{name.title()}.yaml").write_text(ENTITY.format(**words))
        phrases += PHRASES_OF.format(**words)
    (place / "phrases.yaml").write_text(phrases)
