"""How one group of readers sees fields: which class each thing that can happen to a field belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from treaty.diff.base import ChangeClass
from treaty.diff.catalogue import events, inputs, outputs, stored
from treaty.json_schema import is_required
from treaty.resolve.model import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The classes for one direction. `place` is what the fields are part of, in messages."""

    place: str
    removed: ChangeClass
    added_required: ChangeClass
    added_optional: ChangeClass
    became_required: ChangeClass
    became_optional: ChangeClass
    type_changed: ChangeClass
    type_widened: ChangeClass
    type_narrowed: ChangeClass
    value_removed: ChangeClass
    value_added: ChangeClass
    tightened: ChangeClass
    loosened: ChangeClass
    default_changed: ChangeClass
    filled: ChangeClass
    is_sent: bool = False
    is_table: bool = False
    is_answered: bool = False

    def required(self, field: Field) -> bool:
        """Whether readers always find the field, or senders must give it."""
        return is_required(field) if self.is_sent else not field.optional

    def needs_value(self, field: Field) -> bool:
        """Whether a field that is new asks something of what was there before."""
        return is_required(field) if self.is_sent or self.is_table else not field.optional


INPUT = View(
    place="input",
    removed=inputs.REMOVED,
    added_required=inputs.ADDED_REQUIRED,
    added_optional=inputs.ADDED_OPTIONAL,
    became_required=inputs.BECAME_REQUIRED,
    became_optional=inputs.BECAME_OPTIONAL,
    type_changed=inputs.TYPE_CHANGED,
    type_widened=inputs.TYPE_WIDENED,
    type_narrowed=inputs.TYPE_CHANGED,
    value_removed=inputs.VALUE_REMOVED,
    value_added=inputs.VALUE_ADDED,
    tightened=inputs.TIGHTENED,
    loosened=inputs.LOOSENED,
    default_changed=inputs.DEFAULT_CHANGED,
    filled=inputs.BECAME_REQUIRED,
    is_sent=True,
)
OUTPUT = View(
    place="output",
    removed=outputs.REMOVED,
    added_required=outputs.ADDED,
    added_optional=outputs.ADDED,
    became_required=outputs.BECAME_REQUIRED,
    became_optional=outputs.BECAME_OPTIONAL,
    type_changed=outputs.TYPE_CHANGED,
    type_widened=outputs.TYPE_CHANGED,
    type_narrowed=outputs.TYPE_NARROWED,
    value_removed=outputs.VALUE_REMOVED,
    value_added=outputs.VALUE_ADDED,
    tightened=outputs.TIGHTENED,
    loosened=outputs.LOOSENED,
    default_changed=outputs.DEFAULT_CHANGED,
    filled=outputs.BECAME_REQUIRED,
    is_answered=True,
)
PAYLOAD = View(
    place="payload",
    removed=events.REMOVED,
    added_required=events.ADDED_REQUIRED,
    added_optional=events.ADDED_OPTIONAL,
    became_required=events.BECAME_REQUIRED,
    became_optional=events.BECAME_OPTIONAL,
    type_changed=events.TYPE_CHANGED,
    type_widened=events.TYPE_CHANGED,
    type_narrowed=events.TYPE_NARROWED,
    value_removed=events.VALUE_REMOVED,
    value_added=events.VALUE_ADDED,
    tightened=events.TIGHTENED,
    loosened=events.LOOSENED,
    default_changed=events.DEFAULT_CHANGED,
    filled=events.BECAME_REQUIRED,
)
TABLE = View(
    place="table",
    removed=stored.REMOVED,
    added_required=stored.ADDED_REQUIRED,
    added_optional=stored.ADDED_OPTIONAL,
    became_required=stored.BECAME_REQUIRED,
    became_optional=stored.BECAME_OPTIONAL,
    type_changed=stored.TYPE_CHANGED,
    type_widened=stored.TYPE_WIDENED,
    type_narrowed=stored.TYPE_CHANGED,
    value_removed=stored.VALUE_REMOVED,
    value_added=stored.VALUE_ADDED,
    tightened=stored.TIGHTENED,
    loosened=stored.LOOSENED,
    default_changed=stored.DEFAULT_CHANGED,
    filled=stored.FILLED,
    is_table=True,
)
