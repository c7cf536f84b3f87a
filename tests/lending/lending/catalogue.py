"""The catalogue that all libraries share: what `lending.catalogue.search` promises."""

from collections import Counter

from sqlalchemy import ColumnElement, extract
from sqlmodel import col, select

from generated.lending.book import Book
from generated.lending.catalogue_search import CatalogueSearchInput, CatalogueSearchOutput, CatalogueSearchOutputQuery
from lending.cards import cards
from treaty_runtime.unit_of_work import UnitOfWork


async def search(uow: UnitOfWork, payload: CatalogueSearchInput, /) -> CatalogueSearchOutput:
    """Find books by what is known of them."""
    wanted = select(Book).where(*_conditions(payload)).order_by(col(Book.isbn)).limit(payload.limit)
    books = (await uow.session.exec(wanted)).all()
    return CatalogueSearchOutput(
        books=await cards(uow, books),
        by_language=dict(Counter(str(book.language) for book in books)),
        query=CatalogueSearchOutputQuery(limit=payload.limit, from_=payload.from_, languages=payload.language or []),
    )


def _conditions(payload: CatalogueSearchInput) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if payload.title is not None:
        conditions.append(col(Book.title).contains(payload.title, autoescape=True))
    if payload.language is not None:
        conditions.append(col(Book.language).in_(payload.language))
    if payload.class_ is not None:
        conditions.append(col(Book.class_) == payload.class_)
    if payload.year is not None:
        conditions.append(extract("year", col(Book.published_on)).in_(payload.year))
    if payload.from_ is not None:
        conditions.append(col(Book.published_on) >= payload.from_)
    if payload.max_price is not None:
        conditions.append(col(Book.price) <= payload.max_price)
    if payload.min_width is not None:
        conditions.append(col(Book.size)["width"].as_float() >= payload.min_width)
    if not payload.with_sequels:
        conditions.append(col(Book.sequel_of_id).is_(None))
    return conditions
