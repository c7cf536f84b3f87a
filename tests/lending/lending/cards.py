"""A book as the catalogue shows it."""

from collections.abc import Sequence

from sqlmodel import col, select

from generated.lending.book import Book
from generated.lending.book_card import BookCard, BookCardSize
from treaty_runtime.unit_of_work import UnitOfWork


async def cards(uow: UnitOfWork, books: Sequence[Book]) -> list[BookCard]:
    """The cards of `books`, in their order."""
    before = {book.sequel_of_id for book in books if book.sequel_of_id}
    found = await uow.session.exec(select(Book.id, Book.isbn).where(col(Book.id).in_(before)))
    isbns = dict(found.all())
    return [_card(book, isbns[book.sequel_of_id] if book.sequel_of_id else None) for book in books]


def _card(book: Book, sequel_of: str | None) -> BookCard:
    return BookCard(
        isbn=book.isbn,
        title=book.title,
        language=book.language,
        published_on=book.published_on,
        price=book.price,
        reading_time=book.reading_time,
        cover=book.cover,
        authors=book.authors,
        editions=book.editions,
        prices=book.prices,
        size=BookCardSize.model_validate(book.size.model_dump()) if book.size else None,
        from_=book.from_,
        class_=book.class_,
        json_=book.json_,
        copy_=book.copy_,
        sequel_of=sequel_of,
    )
