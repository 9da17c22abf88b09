"""`retention ledger`."""

import textwrap

_GAP = " " * 27


def ledger(options) -> int:
    """Print the verdict on every saying for one company."""
    from retention.claims import SIGNS
    from retention.claims import ledger as judged
    from retention.company import open_company
    from retention.schema import STUDIES

    company = open_company(options.company, as_of=options.period)
    book = judged(company)
    print(f"{company.name} ({company.label}). {book.summary}")
    for study, rows in book.table.groupby("study", sort=False):
        print(f"\n{STUDIES[study].title}")
        for number, row in rows.iterrows():
            sign = SIGNS[row["verdict"]]
            told = f"{row['saying']} ({row['reading']}): {row['why']}"
            head = f"  {number:<5} {sign} {row['verdict']:<16} "
            print(
                textwrap.fill(
                    told, 100, initial_indent=head, subsequent_indent=" " * 27
                )
            )
    return 0
