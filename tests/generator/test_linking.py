"""The linked model: defaults, names, places, references, and what scenarios say of operations."""

from __future__ import annotations

from pathlib import Path

from tests.generator.checking import check, model, write
from tests.generator.test_reference import BLOCK, PAGE
from treaty.contract.base import Stability
from treaty.contract.vocabulary import CallAct, CreateAct
from treaty.resolve.model import EntityRef, Inline, ListOf, Model, Scalar, TypeRef

HEAD = "version: 1.0.0\ndescription: A thing.\n"


def shop(tmp_path: Path) -> Model:
    """The shop of the reference page."""
    return model(write(tmp_path, dict(BLOCK.findall(PAGE))))


def contract(kind: str, key: str, body: str) -> str:
    return f"kind: {kind}\nkey: {key}\n{HEAD}{body}"


def test_an_operation(tmp_path: Path) -> None:
    operation = shop(tmp_path).operations["shop.sales.order.place"]
    assert operation.header.path == "contracts/shop/sales/order.place.yaml"
    assert (operation.header.namespace, operation.header.name) == ("shop.sales", "order.place")
    assert (operation.module, operation.class_name) == ("shop.sales.order_place", "OrderPlace")
    assert operation.implementation == ("shop.sales.order", "place")
    assert (operation.method, operation.http_path, operation.status) == ("POST", "/shops/{shop}/orders", 201)
    assert [(p.field.name, p.place, p.wire_name) for p in operation.parameters] == [
        ("shop", "path", "shop"),
        ("requestKey", "header", "Idempotency-Key"),
    ]
    assert [field.name for field in operation.body] == ["item", "quantity", "price", "wishes", "address"]
    assert [(error.code, error.class_name, error.status) for error in operation.errors] == [
        ("sold_out", "SoldOut", 409),
        ("unknown_item", "UnknownItem", 404),
    ]
    assert [emit.event for emit in operation.emits] == ["shop.sales.order.placed"]


def test_fields(tmp_path: Path) -> None:
    fields = {field.name: field for field in shop(tmp_path).operations["shop.sales.order.place"].input}
    assert fields["requestKey"].python_name == "request_key"
    assert fields["item"].constraints.max_length == 50
    assert fields["wishes"].type == ListOf(Scalar("string"))
    assert fields["wishes"].optional
    assert str(fields["wishes"].at) == "contracts/shop/sales/order.place.yaml:17:3"
    address = fields["address"].type
    assert isinstance(address, Inline)
    assert address.class_name == "OrderPlaceInputAddress"
    assert address.fields[0].sensitive
    assert address.fields[0].constraints.max_length == 1000
    assert address.fields[1].type == TypeRef("shop.sales.Country")


def test_a_policy_is_decided_word_by_word(tmp_path: Path) -> None:
    operations = shop(tmp_path).operations
    policy = operations["shop.sales.order.place"].policy
    assert (policy.auth, policy.roles, policy.audit) == ("user", ("customer", "admin"), True)
    assert policy.rate_limit is not None
    assert (policy.rate_limit.requests, policy.rate_limit.per, policy.rate_limit.by) == (600, "minute", "organization")
    assert policy.idempotency is not None
    assert (policy.idempotency.field.name, policy.idempotency.keep_seconds) == ("requestKey", 24 * 3600)
    assert operations["shop.sales.stock.show"].policy.audit is False


def test_an_entity(tmp_path: Path) -> None:
    found = shop(tmp_path)
    order = found.entities["shop.sales.Order"]
    assert (order.table, order.append_only, order.primary.name) == ("sales_order", True, "id")
    assert order.tenant is not None
    assert (order.tenant.column, order.tenant.python_name) == ("shop_id", "shop_id")
    assert {field.name: field.type for field in order.fields}["corrects"] == EntityRef("shop.sales.Order")
    assert [[field.name for field in group] for group in order.index] == [["placedAt"]]
    assert [entity.header.name for entity in found.entities.values() if entity.is_tenant] == ["Shop"]
    assert found.memberships is found.entities["shop.sales.Member"]


def test_phrases_hold_full_keys(tmp_path: Path) -> None:
    phrases = {phrase.function_name: phrase for phrase in shop(tmp_path).vocabularies["shop.sales.phrases"].phrases}
    create = phrases["the_shop_sells_pears"].acts[0]
    assert isinstance(create, CreateAct)
    assert list(create.create) == ["shop.sales.Shop"]
    call = phrases["who_orders_quantity_pears"].acts[1]
    assert isinstance(call, CallAct)
    assert call.call == "shop.sales.order.place"
    expect = phrases["the_order_is_accepted"].expect
    assert expect is not None
    assert expect.events == ("shop.sales.order.placed",)
    assert expect.changes == {"shop.sales.Order": 1, "shop.sales.Stock": 1}
    assert phrases["who_is_an_role"].patterns == ("{who:w} is an {role:w}", "{who:w} is a {role:w}")
    assert str(phrases["these_orders_come_in"].at) == "contracts/shop/sales/phrases.yaml:24:5"


def test_phrases_with_the_same_words_have_functions_of_their_own(tmp_path: Path) -> None:
    body = "phrases:\n  - {given: 'a, b', do: {clock: now}}\n  - {given: a b, do: {clock: now}}\n"
    found = model(write(tmp_path, {"contracts/shop/phrases.yaml": contract("vocabulary", "shop.phrases", body)}))
    assert [phrase.function_name for phrase in found.vocabularies["shop.phrases"].phrases] == ["a_b", "a_b_2"]


TOP = """owners: [top]
tags: [top]
stability: beta
policy: {auth: service, audit: true}
errors: {broken: From the top., late: From the top.}
"""
BELOW = "owners: [shop]\npolicy: {auth: anonymous}\nerrors: {late: From the shop.}\n"


def test_the_nearest_defaults_win_and_own_words_win_over_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "contracts/_defaults.yaml": TOP,
            "contracts/shop/_defaults.yaml": BELOW,
            "contracts/shop/ask.yaml": contract(
                "query",
                "shop.ask",
                "http: GET /ask\ntags: [own]\nacceptance:\n  examples:\n"
                "    - {key: a, error: broken}\n    - {key: b, error: late}\n",
            ),
            "contracts/other/Size.yaml": contract("type", "other.Size", "stability: idea\nvalues: [a]\n"),
        },
    )
    found = model(tmp_path)
    ask, size = found.operations["shop.ask"], found.types["other.Size"]
    assert (ask.header.owners, ask.header.tags, ask.header.stability) == (("shop",), ("own",), Stability.BETA)
    assert (ask.policy.auth, ask.policy.audit) == ("anonymous", True)
    assert {error.code: error.when for error in ask.errors} == {"broken": "From the top.", "late": "From the shop."}
    assert (size.header.owners, size.header.stability) == (("top",), Stability.IDEA)


def test_a_folders_idempotency_is_for_commands_that_have_its_field(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "contracts/shop/_defaults.yaml": "policy: {idempotency: {key: requestKey, keep: 90m}}\n",
            "contracts/shop/buy.yaml": contract(
                "command", "shop.buy", "http: POST /buy\ninput: {requestKey: string}\n"
            ),
            "contracts/shop/sell.yaml": contract("command", "shop.sell", "http: POST /sell\ninput: {item: string}\n"),
            "contracts/shop/ask.yaml": contract("query", "shop.ask", "http: GET /ask\ninput: {requestKey: string}\n"),
        },
    )
    kept = {key: found.policy.idempotency for key, found in model(tmp_path).operations.items()}
    assert {key: found and found.keep_seconds for key, found in kept.items()} == {
        "shop.ask": None,
        "shop.buy": 5400,
        "shop.sell": None,
    }


def test_a_folders_cache_is_for_queries_whose_answers_can_be_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "contracts/shop/_defaults.yaml": "policy: {cache: {private: 90s}}\n",
            "contracts/shop/buy.yaml": contract("command", "shop.buy", "http: POST /buy\n"),
            "contracts/shop/ask.yaml": contract("query", "shop.ask", "http: GET /ask\n"),
            "contracts/shop/long.yaml": contract("query", "shop.long", "http: POST /long\n"),
            "contracts/shop/ping.yaml": contract("query", "shop.ping", "http: GET /ping -> 204\n"),
            "contracts/shop/slow.yaml": contract(
                "query", "shop.slow", "http: GET /slow\npolicy: {cache: {private: 1d}}\n"
            ),
        },
    )
    kept = {key: found.policy.cache_seconds for key, found in model(tmp_path).operations.items()}
    assert kept == {"shop.ask": 90, "shop.buy": None, "shop.long": None, "shop.ping": None, "shop.slow": 86_400}


def test_a_short_name_means_the_own_namespace_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "contracts/shop/Size.yaml": contract("type", "shop.Size", "values: [own]\n"),
            "contracts/other/Size.yaml": contract("type", "other.Size", "values: [other]\n"),
            "contracts/shop/other.Size.yaml": contract("type", "shop.other.Size", "values: [tricky]\n"),
            "contracts/shop/Box.yaml": contract("type", "shop.Box", "fields: {a: Size, b: other.Size, c: shop.Size}\n"),
            "contracts/else/Box.yaml": contract("type", "else.Box", "fields: {b: other.Size}\n"),
        },
    )
    found = model(tmp_path)
    keys = [field.type for key in ("shop.Box", "else.Box") for field in found.types[key].fields]
    assert keys == [TypeRef("shop.Size"), TypeRef("shop.other.Size"), TypeRef("shop.Size"), TypeRef("other.Size")]


def test_no_entity_is_the_tenant(tmp_path: Path) -> None:
    body = "tenant: shop\nfields:\n  id: {type: uuid, primary: true}\n  shop: Box\n"
    write(
        tmp_path,
        {f"contracts/shop/{name}.yaml": contract("entity", f"shop.{name}", body) for name in ("Box", "Crate")},
    )
    assert [str(problem) for problem in check(tmp_path)] == [
        "contracts/shop/Box.yaml:5:9 entity-tenant No entity is the tenant."
    ]


PLAYED = """phrases:
  - {when: it is bought, do: {call: buy}}
  - {when: it is shown, do: {call: show}}
  - {when: it is done again, do: {repeat: last}}
  - {when: something happens, do: {step: shop.happens}}
  - {when: time passes, do: {clock: now}}
  - {then: it is sold, expect: {output: {sold: true}}}
  - {then: all is well, expect: {outcome: success}}
"""


def played(tmp_path: Path, *steps: str) -> list[str]:
    """What is said about a scenario of some steps."""
    buy = "http: POST /{}\noutput: {{{}: boolean}}\n"
    lines = "\n".join(f"    {step}" for step in steps)
    write(
        tmp_path,
        {
            "contracts/shop/phrases.yaml": contract("vocabulary", "shop.phrases", PLAYED),
            "contracts/shop/buy.yaml": contract("command", "shop.buy", buy.format("buy", "sold")),
            "contracts/shop/show.yaml": contract("query", "shop.show", buy.format("show", "shown")),
            "features/shop/a.feature": f"Feature: A\n\n  Scenario: A\n{lines}\n",
        },
    )
    return [f"{problem.at.path.rpartition('/')[2]}:{problem.at.line} {problem.message}" for problem in check(tmp_path)]


NOT_SHOWN = ["phrases.yaml:11 The output of `shop.show` has no field `sold`."]


def test_a_then_speaks_of_the_last_call(tmp_path: Path) -> None:
    assert played(tmp_path, "When it is shown", "And it is bought", "Then it is sold") == []
    assert played(tmp_path, "When it is bought", "And it is shown", "Then it is sold") == NOT_SHOWN


def test_a_given_is_not_what_a_then_speaks_of(tmp_path: Path) -> None:
    assert played(tmp_path, "Given it is bought", "When it is shown", "Then it is sold") == NOT_SHOWN
    assert played(tmp_path, "Given it is bought", "When it is done again", "Then it is sold") == []
    assert played(tmp_path, "Given it is shown", "When it is done again", "Then it is sold") == NOT_SHOWN


def test_each_run_of_whens_has_thens_of_its_own(tmp_path: Path) -> None:
    steps = ("When it is bought", "Then it is sold", "When time passes", "Then all is well")
    said = ["a.feature:7 `all is well` speaks of an answer, and the When before it sends no request."]
    assert played(tmp_path, *steps) == said


def test_a_step_function_may_do_anything(tmp_path: Path) -> None:
    assert played(tmp_path, "When something happens", "Then it is sold") == []
    assert played(tmp_path, "When it is shown", "And something happens", "Then it is sold") == []


def test_the_built_in_steps(tmp_path: Path) -> None:
    document = ('      """', "      {}", '      """')
    assert played(tmp_path, "When shop.buy is sent", *document, "Then it answers", *document, "And it is sold") == []
    assert played(tmp_path, "When shop.show is sent", *document, "Then it is sold") == NOT_SHOWN


def test_versions_are_told_apart_and_the_newest_is_meant(tmp_path: Path) -> None:
    files = {
        "contracts/shop/buy.yaml": contract("command", "shop.buy", "http: POST /v3/buy").replace("1.0.0", "3.0.0"),
        "contracts/shop/buy@2.yaml": contract("command", "shop.buy", "http: POST /v2/buy").replace("1.0.0", "2.5.0"),
        "contracts/shop/buy@0.yaml": contract("command", "shop.buy", "http: POST /v0/buy").replace("1.0.0", "0.1.0"),
        "contracts/shop/phrases.yaml": contract(
            "vocabulary",
            "shop.phrases",
            "phrases:\n  - {when: all buy, do: [{call: buy}, {call: buy@3}, {call: shop.buy@2}, {call: buy@0}]}\n",
        ),
    }
    found = model(write(tmp_path, files))
    assert list(found.operations) == ["shop.buy", "shop.buy@0", "shop.buy@2"]
    assert {operation.header.plain_key for operation in found.operations.values()} == {"shop.buy"}
    oldest = found.operations["shop.buy@0"]
    assert (oldest.module, oldest.class_name) == ("shop.buy_v0", "BuyV0")
    assert oldest.implementation == ("shop.buy", "run_v0")
    assert found.successor(oldest) is found.operations["shop.buy@2"]
    assert found.successor(found.operations["shop.buy@2"]) is found.operations["shop.buy"]
    assert found.successor(found.operations["shop.buy"]) is None
    calls = [act.call for act in found.vocabularies["shop.phrases"].phrases[0].acts if isinstance(act, CallAct)]
    assert calls == ["shop.buy", "shop.buy", "shop.buy@2", "shop.buy@0"]
