"""Which kinds of contract there are, and what a folder's `_defaults.yaml` may say."""

from __future__ import annotations

from pydantic import Field

from treaty.contract.base import Sentence, Stability, Written
from treaty.contract.data import EntityContract, EventContract, TypeContract
from treaty.contract.job import JobContract
from treaty.contract.operation import Errors, OperationContract, PolicySpec
from treaty.contract.vocabulary import VocabularyContract
from treaty.contract.webhook import WebhookContract

AnyContract = (
    OperationContract
    | JobContract
    | WebhookContract
    | EventContract
    | EntityContract
    | TypeContract
    | VocabularyContract
)

KINDS: dict[str, type[AnyContract]] = {
    "command": OperationContract,
    "query": OperationContract,
    "job": JobContract,
    "webhook": WebhookContract,
    "event": EventContract,
    "entity": EntityContract,
    "type": TypeContract,
    "vocabulary": VocabularyContract,
}


class Defaults(Written):
    """`_defaults.yaml`: words for every contract in its folder and below; a contract's own words win."""

    stability: Stability | None = Field(default=None, description="For contracts that say none.")
    owners: tuple[Sentence, ...] | None = Field(default=None, description="For contracts that say none.")
    tags: tuple[Sentence, ...] | None = Field(default=None, description="For contracts that say none.")
    policy: PolicySpec = Field(
        default_factory=PolicySpec, description="For operations, word by word: each may say its own."
    )
    errors: Errors = Field(
        default_factory=dict, description="Added to the errors of every operation; its own sentence wins."
    )
