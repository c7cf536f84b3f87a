"""Counting: what `lending.report.loans` promises."""

from collections import Counter
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import col, select

from generated.lending.loan import Loan
from generated.lending.report_loans import ReportLoansInput, ReportLoansOutput, ReportLoansOutputDays
from treaty_runtime.unit_of_work import UnitOfWork


async def loans(uow: UnitOfWork, payload: ReportLoansInput, /) -> ReportLoansOutput:
    """Loans per day and class."""
    day, how = col(Loan.from_), col(Loan.class_)
    wanted = select(day, how, func.count(), func.sum(Loan.fee)).where(day >= payload.from_, day <= payload.until)
    lasting = select(Loan).where(day >= payload.from_, day <= payload.until)
    if payload.class_ is not None:
        wanted, lasting = wanted.where(how.in_(payload.class_)), lasting.where(how.in_(payload.class_))
    days = [
        ReportLoansOutputDays(date=when, class_=which, loans=count, fees=fees)
        for when, which, count, fees in await uow.session.exec(wanted.group_by(day, how).order_by(day, how))
    ]
    totals: Counter[str] = Counter()
    for row in days:
        totals[row.class_] += row.loans
    longest = max((loan.until - loan.from_ for loan in await uow.session.exec(lasting)), default=None)
    income = sum((row.fees for row in days), Decimal()) if days else None
    return ReportLoansOutput(days=days, totals=dict(totals), longest=longest, income=income)
