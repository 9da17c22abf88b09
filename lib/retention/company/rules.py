"""The catalogue of rules: what each means and how to repair what breaks it.

Our own aggregate queries, not pandera: its cases name a column and a failed check
for programmers, while a person with a spreadsheet needs file, line, value and
repair; and its import would cost every notebook three seconds.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name : str
        Stable name, in the quarantine file and in the table of rules.
    effect : str
        "quarantined" (the row is set aside and counted) or "refused" (the table
        cannot be used).
    means : str
        What is wrong, as the end of "customers.csv, line 7: left_on is ...".
    repair : str
        What to do about it.
    """

    name: str
    effect: str
    means: str
    repair: str


_QUARANTINED = {
    "unreadable_line": (
        "the line has more or fewer fields than the header",
        "Put quotes around fields that hold the delimiter, and fill up short lines.",
    ),
    "empty_value": (
        "the value is missing",
        "Fill it in, or take the row away.",
    ),
    "unreadable_date": (
        "this is not a date in the declared format",
        "Write 2026-10-31, or declare the format of the file: "
        'date_format = "%d.%m.%Y". Day and month are never guessed. Words for '
        '"no date" are declared as empty = ["n/a"].',
    ),
    "unreadable_number": (
        "this is not a number",
        'Write 1234.5, or declare decimal = "," and thousands = ".". Whole numbers '
        'have no decimals. Words for "no value" are declared as empty = ["n/a"].',
    ),
    "unreadable_flag": (
        "this is neither 0 nor 1",
        "Write 0 or 1, or declare the words: values = {left = {Yes = 1, No = 0}}.",
    ),
    "not_finite": (
        "infinity and NaN are not numbers to count with",
        "Leave the field empty if the value is unknown.",
    ),
    "outside_scale": (
        "the score lies outside the declared scale",
        "Correct the score, or the scale in [scales] of workbook.toml.",
    ),
    "too_small": (
        "the value is below the smallest that is possible",
        "Correct it. Counts start at 0, spells and positions at 1, and redeemed "
        "points are written as positive numbers with kind = redeem.",
    ),
    "negative_amount": (
        "the amount is negative",
        "Correct it, or say negative_amounts = true for this table if refunds are "
        "booked this way.",
    ),
    "unknown_word": (
        "this word is not one of those allowed here",
        "Translate the file's words into ours: values = {kind = {burn = "
        '"redeem"}}; channels are declared in [channels].',
    ),
    "after_observed_to": (
        "the date lies after the end of observation",
        "Correct it, or move observed_to in [company]. A date such as 9999-12-31 "
        'that means "still here" is declared: still_here = ["9999-12-31"].',
    ),
    "left_before_joined": (
        "the customer left before it joined",
        "Correct joined_on or left_on; in files with day and month exchanged, "
        "declare date_format.",
    ),
    "ended_before_start": (
        "it ended before it began, or ended without beginning",
        "Correct the two dates.",
    ),
    "left_with_tenure_0": (
        "a customer who left was lost during a period, so its tenure is 1 or more",
        "Count the period in which the customer left as a full one.",
    ),
    "answer_missing": (
        "the row says answered (responded = 1, or no such column), but satisfaction "
        "is empty",
        "Set responded to 0 for those who were asked and did not answer.",
    ),
    "answer_without_response": (
        "the row says not answered (responded = 0), but satisfaction has a value",
        "Set responded to 1, or empty the score.",
    ),
    "duplicate_row": (
        "the row repeats another row of the table",
        "Remove the copy (one of the rows was kept). If equal rows are meant, say "
        "key = [] for this table.",
    ),
    "conflicting_rows": (
        "several rows have the same key and different contents, and none can be "
        "preferred",
        'Keep the right one, or declare what identifies a row: key = ["ticket_id"].',
    ),
    "order_conflict": (
        "lines of one order_id name several customers or moments",
        "Correct the lines; one order has one customer and one moment.",
    ),
    "unknown_customer": (
        "no row of the customers table has this id",
        "Add the customer, or correct the id (look for lost leading zeros and spaces).",
    ),
    "customer_left_out": (
        "this customer's own row in the customers table was set aside",
        "Repair the customer's row; this one then counts again.",
    ),
    "self_referral": (
        "a customer cannot refer itself",
        "Correct referrer_id or referee_id.",
    ),
    "two_referrers": (
        "this customer was referred by more than one",
        "Keep the referral that counts, usually the first.",
    ),
    "referral_before_joining": (
        "the referral is dated before the referrer joined",
        "Correct referred_on, or the referrer's joined_on.",
    ),
    "referral_cycle": (
        "following the referrals leads back to the same customer",
        "Look at the dates of the referrals in the circle; one of them is wrong.",
    ),
    "referrer_joined_later": (
        "the referrer joined after the customer it is said to have sent",
        "Exchange referrer_id and referee_id if they are the wrong way round, or "
        "correct joined_on.",
    ),
    "membership_before_joining": (
        "the membership begins before the customer joined",
        "Correct enrolled_on, or the customer's joined_on.",
    ),
    "membership_overlap": (
        "the membership begins while an earlier one of the same customer runs",
        "Give the earlier one its ended_on, or name the programme of each.",
    ),
    "redeemed_beyond_earned": (
        "more points were taken out than had been earned by then",
        "Bring all earn rows; points earned before the records begin are one earn "
        "row with the opening balance.",
    ),
    "position_gap": (
        "the positions of this journey are not 1, 2, 3, ...",
        "Bring all touchpoints of the journey, or none.",
    ),
}
_REFUSED = {
    "reserved_column": (
        "a column has a name that the workbook uses itself",
        "Rename the column in the data.",
    ),
    "missing_column": (
        "a required column is missing",
        'Add it, or name it: columns = {customer_id = "Client No"}.',
    ),
    "duplicate_column": (
        "two columns have the same name",
        "Rename or remove one of them.",
    ),
    "broken_ids": (
        "ids are numbers with decimals",
        "Export ids as text: leading zeros and long ids are lost in numbers.",
    ),
    "ids_not_unique": (
        "one id has several rows in the customers table, and they differ",
        "Keep one row a customer, or number its stays in a column spell (1, 2, ...).",
    ),
    "empty_file": (
        "the file has no bytes, or a header and no rows",
        "Export it again, or take it away.",
    ),
    "wrong_encoding": (
        "the file's bytes are not text in the declared encoding",
        'Declare it, such as encoding = "latin-1", or save the file as UTF-8.',
    ),
    "open_quote": (
        "a quote is opened and not closed on its line",
        "Close it or double it; if fields hold line breaks, say multiline = true.",
    ),
    "rows_lost": (
        "fewer rows could be told apart than the file holds",
        "Check quotes and delimiter.",
    ),
    "nothing_left": (
        "every row of the table breaks a rule",
        "Usually one setting is missing: the date format, the decimal sign, or what "
        "a column is called.",
    ),
    "unreadable_file": (
        "a Parquet or DuckDB file is cut short or something else",
        "Write or copy it again.",
    ),
    "mixed_time_zones": (
        "moments carry different offsets, or some carry one and some none",
        'Write all with their offset and declare time_zone = "Europe/Berlin" in '
        "[company].",
    ),
}

RULES: dict[str, Rule] = {
    name: Rule(name, effect, *words)
    for effect, rules in (("quarantined", _QUARANTINED), ("refused", _REFUSED))
    for name, words in rules.items()
}
