"""One book: what `lending.book.get` promises."""

from sqlmodel import select

from generated.lending.book import Book
from generated.lending.book_card import BookCard
from generated.lending.book_get import BookGetInput, BookUnknown
from lending.cards import cards
from treaty_runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, payload: BookGetInput, /) -> BookCard:
    """The card of one book."""
    book = (await uow.session.exec(select(Book).where(Book.isbn == payload.isbn))).first()
    if book is None:
        raise BookUnknown
    (card,) = await cards(uow, [book])
    return card
