"""What a quantity costs at a price: in the smallest unit of its currency, computed with decimals, rounded once."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from stripe_simulator.storage import Document

__all__ = ["amount_of", "decimal_text", "share", "whole"]


def whole(amount: Decimal) -> int:
    """An amount rounded to the smallest unit; halves go away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def decimal_text(amount: Decimal) -> str:
    """A decimal as Stripe writes it: no exponent, no zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(amount: int, part: int, of: int) -> int:
    """The part of an amount that falls on `part` of `of` seconds."""
    return whole(Decimal(amount) * part / of) if of else 0


def amount_of(price: Document, quantity: int) -> int:
    """What a quantity costs. A quantity that became negative counts as none."""
    units = max(quantity, 0)
    if price["billing_scheme"] == "tiered":
        tiered = _graduated if price["tiers_mode"] == "graduated" else _volume
        return whole(tiered(price["_tiers"], units))
    return whole(Decimal(price["unit_amount_decimal"]) * _transformed(price, units))


def _transformed(price: Document, quantity: int) -> int:
    rule = price["transform_quantity"]
    if rule is None:
        return quantity
    rounding = ROUND_CEILING if rule["round"] == "up" else ROUND_FLOOR
    return int((Decimal(quantity) / rule["divide_by"]).quantize(Decimal(1), rounding=rounding))


def _of_tier(tier: Document, units: int) -> Decimal:
    flat = Decimal(tier["flat_amount_decimal"] or 0)
    return flat + Decimal(tier["unit_amount_decimal"] or 0) * units


def _volume(tiers: list[Document], quantity: int) -> Decimal:
    """All units at the price of the tier that the quantity falls into."""
    tier = next(each for each in tiers if each["up_to"] is None or quantity <= each["up_to"])
    return _of_tier(tier, quantity)


def _graduated(tiers: list[Document], quantity: int) -> Decimal:
    """Each unit at the price of its own tier."""
    total, counted = Decimal(0), 0
    for tier in tiers:
        end = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if end <= counted and counted:
            break
        total += _of_tier(tier, end - counted)
        counted = end
    return total
