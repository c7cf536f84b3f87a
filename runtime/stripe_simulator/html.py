"""Small pages that need no script and nothing from elsewhere: a frame, tables, forms. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

__all__ = ["form", "money", "page", "paragraph", "table"]

STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8886 }
td:last-child, th:last-child { text-align: right }
form { margin: .6rem 0 } fieldset { border: 1px solid #8886; margin: .6rem 0 } label { display: block }
.notice { border-left: .3rem solid #c33; padding-left: .6rem } small { opacity: .7 }
"""
ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)


def page(title: str, *parts: str, notice: str | None = None) -> str:
    """A whole page of these parts, which are HTML; title and notice are text."""
    told = f'<p class="notice" role="alert">{escape(notice)}</p>' if notice else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{told}{''.join(parts)}"
        "<p><small>This is a simulator: no money moves.</small></p></main></body></html>"
    )


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    titles = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def form(action: str, button: str, fields: str = "", **hidden: str) -> str:
    """A form that posts to a path; `fields` is HTML, hidden values are texts."""
    values = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    return (
        f'<form method="post" action="{escape(action)}">{values}{fields}'
        f'<button type="submit">{escape(button)}</button></form>'
    )


def money(amount: int, currency: str) -> str:
    """An amount of the smallest unit as people write it."""
    places = 0 if currency in ZERO_DECIMAL else 2
    return f"{Decimal(amount).scaleb(-places):,.{places}f} {currency.upper()}"
