"""D8: what phrases mean, and with it every scenario that says them."""

from __future__ import annotations

from treaty.diff.base import ChangeClass, Reader, Severity

_PHRASE = ("VocabularyContract.phrases", "VocabularyContract.kind", "PhraseSpec.given", "PhraseSpec.when")

PHRASE_REMOVED = ChangeClass(
    id="D801",
    name="phrase-removed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=(*_PHRASE, "PhraseSpec.then"),
    reason="Whoever says it is not understood any more; the scenarios that said it prove something else, or are gone.",
)
PHRASE_ADDED = ChangeClass(
    id="D802",
    name="phrase-added",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=(*_PHRASE, "PhraseSpec.then"),
    reason="Nobody said it before.",
)
PHRASE_DOES_OTHERWISE = ChangeClass(
    id="D803",
    name="phrase-does-otherwise",
    reader=Reader.BEHAVIOUR,
    severity=Severity.RISKY,
    words=(
        "PhraseSpec.do",
        "CreateAct.create",
        "CreateAct.name",
        "CreateAct.unlessExists",
        "ActorAct.actor",
        "ActorAct.tenant",
        "ActorAct.roles",
        "CallAct.call",
        "CallAct.example",
        "CallAct.input",
        "CallAct.actor",
        "CallAct.name",
        "RepeatAct.repeat",
        "RepeatAct.input",
        "RunAct.run",
        "RunAct.tenant",
        "RunAct.input",
        "RunAct.name",
        "DeliverAct.deliver",
        "DeliverAct.to",
        "DeliverAct.data",
        "DeliverAct.event",
        "DeliverAct.body",
        "DeliverAct.signature",
        "ClockAct.clock",
        "ClockAct.advance",
        "FlagAct.flag",
        "FlagAct.is",
        "FlagAct.tenant",
        "StepAct.step",
        "StepAct.with",
    ),
    reason="Every scenario that says it proves something about another case, and not a word of theirs has changed.",
)
PHRASE_EXPECTS_LESS = ChangeClass(
    id="D804",
    name="phrase-expects-less",
    reader=Reader.BEHAVIOUR,
    severity=Severity.BREAKING,
    words=(
        "PhraseSpec.expect",
        "Expectation.outcome",
        "Expectation.error",
        "Expectation.output",
        "Expectation.events",
        "Expectation.changes",
        "Expectation.deliveries",
        "Expectation.total",
        "Expectation.step",
        "Expectation.with",
    ),
    reason="Every scenario that says it promises less or something else, and not a word of theirs has changed.",
)
PHRASE_EXPECTS_MORE = ChangeClass(
    id="D805",
    name="phrase-expects-more",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("PhraseSpec.expect",),
    reason="All that it promised it still promises.",
)
PHRASE_REWORDED = ChangeClass(
    id="D806",
    name="phrase-reworded",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("PhraseSpec.also", "PhraseSpec.given", "PhraseSpec.when", "PhraseSpec.then"),
    reason="It means what it meant.",
)
UNUSED_PHRASE_CHANGED = ChangeClass(
    id="D807",
    name="unused-phrase-changed",
    reader=Reader.BEHAVIOUR,
    severity=Severity.SAFE,
    words=("VocabularyContract.phrases",),
    reason="No scenario said it, so nothing was promised with it.",
)
