"""Letters: what `post.letter.*` promises."""

from sqlmodel import col, select

from generated.post.letter import Letter
from generated.post.letter_burn import LetterBurnInput, LetterBurnOutput, NoSuchLetter
from generated.post.letter_find import LetterFindInput, LetterFindOutput, LetterFindOutputLetters
from generated.post.letter_post import LetterPostInput, LetterPostOutput, TooHeavy
from generated.post.letter_posted import LetterPosted
from treaty_runtime.unit_of_work import UnitOfWork


async def post(uow: UnitOfWork, payload: LetterPostInput, /) -> LetterPostOutput:
    """Post a letter that is light enough."""
    if payload.grams > 1000:
        raise TooHeavy
    letter = Letter(office_id=uow.tenant, code=payload.code, grams=payload.grams, posted_at=uow.now)
    uow.session.add(letter)
    await uow.session.flush()
    uow.emit(LetterPosted(code=letter.code, grams=letter.grams))
    track = f"https://post.example/{letter.code}"
    return LetterPostOutput(letter=letter.id, code=letter.code, posted_at=letter.posted_at, track=track, stamps=1)


async def find(uow: UnitOfWork, payload: LetterFindInput, /) -> LetterFindOutput:
    """List letters by their codes."""
    query = select(Letter).order_by(col(Letter.code))
    if payload.grams:
        query = query.where(col(Letter.grams).in_(payload.grams))
    letters = [LetterFindOutputLetters(code=row.code, grams=row.grams) for row in await uow.session.exec(query)]
    return LetterFindOutput(letters=letters, count=len(letters))


async def burn(uow: UnitOfWork, payload: LetterBurnInput, /) -> LetterBurnOutput:
    """Burn the letter of a code."""
    letter = (await uow.session.exec(select(Letter).where(Letter.code == payload.code))).first()
    if letter is None:
        raise NoSuchLetter
    await uow.session.delete(letter)
    return LetterBurnOutput(burnt=True)
