"""The company: its tables clean, its window, and what it can answer."""

import datetime as dt
from functools import cached_property
from pathlib import Path

import narwhals as nw
import pandas as pd

from retention.company import quarantine
from retention.company.check import Checked, broken, check
from retention.company.clock import latest_day, period_name, report_day
from retention.company.collecting import spoken
from retention.company.derived import derived, derived_columns
from retention.company.errors import CompanyError, nearest
from retention.company.leaving import Silence, silence
from retention.company.load import Loaded, load
from retention.company.people import People, joined, people
from retention.company.quality import quality, runnable
from retention.company.quarantine import Bin
from retention.company.readers import fingerprint, whole
from retention.company.slug import slug
from retention.company.sources import Source
from retention.company.typed import renamed
from retention.schema import STUDIES, TABLES


class Company:
    """A company's clean tables; made by `open_company`.

    Attributes
    ----------
    name, slug : str
        As the settings say (else the folder), and as a safe folder name.
    label : str
        REAL, FICTIONAL or SIMULATED; REAL unless declared.
    currency, language, time_unit : str
        time_unit is day, week, month, quarter or year; month unless declared.
    settings : Settings
        All of workbook.toml; `settings.notes` are cautions by study.
    as_of : date or None
        The day of the report, if asked for.
    strict : bool
    """

    def __init__(self, source: Source, *, as_of: str | None, strict: bool):
        """Take a found source; use `open_company`."""
        self._source = source
        self.settings = source.settings
        self.name: str = self.settings.company.get("name", source.name)
        self.slug = slug(self.name)
        self.label: str = self.settings.company.get("label", "REAL")
        self.currency: str = self.settings.company.get("currency", "")
        self.language: str = self.settings.company.get("language", "en")
        self.time_unit: str = self.settings.company.get("time_unit", "month")
        self.strict = strict
        self._loaded: dict[str, Loaded] = {}
        self._checked: dict[str, Checked] = {}
        self.as_of: dt.date | None = None
        if as_of:
            self.as_of = report_day(self, as_of)

    @property
    def observed_from(self) -> dt.date | None:
        """First day of the records; None if all were seen from joining."""
        return self.settings.company.get("observed_from")

    @property
    def observed_to(self) -> dt.date | None:
        """Last day observed; None for a company without dates."""
        return self.as_of or self.recorded_to

    @property
    def tenure_to(self) -> dt.date | None:
        """Last day on which it is known who had left.

        `observed_to`, unless leaving is inferred from silence: then that many days
        earlier.
        """
        if self.customers_from and self.silence and self.observed_to:
            return self.observed_to - dt.timedelta(days=self.silence.days)
        return self.observed_to

    @cached_property
    def recorded_to(self) -> dt.date | None:
        """Last day of the records: declared, else the latest date up to today."""
        declared = self.settings.company.get("observed_to")
        return declared or latest_day(map(self.loaded, self._source.readers))

    @property
    def period(self) -> str:
        """Name of the period that ends with the observation, for folders."""
        return period_name(self.observed_to)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of what the tables hold and how they are read."""
        return fingerprint(self._source.readers, repr(vars(self.settings)))

    @property
    def fingerprints(self) -> dict[str, str]:
        """Hash of what each table's files hold."""
        readers = self._source.readers
        return {name: fingerprint({name: readers[name]}, "") for name in readers}

    @property
    def engine(self) -> str:
        """Name of the engine that counts: DuckDB, Apache Spark or PostgreSQL."""
        return self._source.engine

    @property
    def rows_counted(self) -> int:
        """Rows of all tables that keep every rule and are dated by the report's day."""
        return sum(self.checked(name).used for name in self.tables)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables the company brings."""
        brought = {*self._source.readers}
        if self.customers_from:
            brought.add("customers")
        return tuple(name for name in TABLES if name in brought)

    @property
    def unused(self) -> tuple[str, ...]:
        """Files that are no table."""
        return tuple(self._source.unused)

    @property
    def customers_from(self) -> str:
        """Table from which customers are derived ("orders"), or ""."""
        return self.settings.tables.get("customers", {}).get("from", "")

    @property
    def has_customers(self) -> bool:
        """Whether there is a customers table to refer to."""
        return "customers" in self.tables

    @cached_property
    def tenure_form(self) -> str:
        """How tenure comes: "dates", "tenure" (and left), or "counts"."""
        if self.customers_from or self.has("customers", "joined_on", "left_on"):
            return "dates"
        if self.has("customers", "tenure", "left"):
            return "tenure"
        if self.has("tenure_counts") and not self.has("customers", "joined_on"):
            return "counts"
        return "dates"

    def columns(self, table: str) -> tuple[str, ...]:
        """Our names of a table's columns."""
        if table == "customers" and self.customers_from:
            return derived_columns(self)
        return self.brought_columns(table)

    def brought_columns(self, table: str) -> tuple[str, ...]:
        """Our names of the columns of a table's own file."""
        if table not in self._source.readers:
            return ()
        found = list(self._source.readers[table].columns())
        return tuple(renamed(table, found, self.settings))

    def has(self, table: str, *columns: str) -> bool:
        """Whether the company brings a table, with these columns."""
        return table in self.tables and {*columns} <= {*self.columns(table)}

    def table(self, name: str) -> nw.LazyFrame:
        """A table with our names and types, clean; checked on first use.

        Parameters
        ----------
        name : str
            One of `retention.schema.TABLES`.

        Returns
        -------
        LazyFrame
            Dates are Date (`ordered_on` Datetime), months the first of the month,
            ids and words String, flags and whole numbers Int64, other numbers
            Float64. Columns of the company's own follow as they are.

        Raises
        ------
        CompanyError
            If the table is not there or cannot be used; with `strict`, if any of
            its rows was set aside.
        """
        checked = self.checked(name)
        if self.strict and checked.bin.total:
            raise broken(checked)
        return checked.clean

    def population(self, study: str) -> nw.LazyFrame:
        """Customers whom a study is about, as [population] in workbook.toml says.

        Where leaving is inferred from silence, tenure counts only spells whose
        beginning was observed.
        """
        if study not in STUDIES:
            raise CompanyError(f"{study!r} is no study. {nearest(study, STUDIES)}")
        customers = self.table("customers")
        schema = customers.collect_schema()
        for column, values in self.settings.population.get(study, {}).items():
            if column not in schema:
                raise CompanyError(
                    f"{self.settings.source}, [population]: {study} names the column "
                    f"{column}. {nearest(column, schema.names())}"
                )
            text = schema[column] == nw.String
            wanted = [str(v) if text else v for v in values]
            customers = customers.filter(nw.col(column).is_in(wanted))
        if study == "tenure" and "start_seen" in schema:
            customers = customers.filter(nw.col("start_seen") == 1)
        return customers

    def quality(self) -> pd.DataFrame:
        """One row a table: what was read, used, set aside and left for later.

        Returns
        -------
        DataFrame
            table, read, used, quarantined, not_yet (dated after `as_of`),
            first_date, last_date, share_still_here (customers only).
        """
        return quality(self)

    def quarantined(self) -> pd.DataFrame:
        """Rows set aside in the tables used so far, at most 1,000 a rule.

        Returns
        -------
        DataFrame
            table, file, line (of the file, header = 1; of a Parquet file or frame
            the row, from 1), column, value (as written), rule.
        """
        return quarantine.listed(self._bins())

    def rule_counts(self) -> pd.DataFrame:
        """Rows set aside by table, rule and column, with meaning and repair."""
        return quarantine.counts(self._bins())

    def write_quarantine(self, path: str | Path) -> Path:
        """Write the rows set aside as CSV, and beside it NAME_counts.csv.

        The first lists file, line, column, value and rule for at most 1,000 rows a
        rule; the second counts all of them.
        """
        return quarantine.write(self._bins(), Path(path))

    def runnable(self) -> pd.DataFrame:
        """One row a study: whether it can run, and otherwise what is missing.

        Returns
        -------
        DataFrame
            study, runnable, reason ("" if it can run).
        """
        return runnable(self)

    def notes(self, study: str) -> tuple[str, ...]:
        """Cautions that the page of a study must show."""
        declared = self.settings.notes.get(study)
        inferred = self.silence.note if self.silence and self.silence.trusted else ""
        return tuple(note for note in (declared, inferred) if note)

    def checked(self, name: str) -> Checked:
        """A table with what happened to its rows; most callers want `table`."""
        if name not in TABLES:
            raise CompanyError(f"{name!r} is no table. {nearest(name, TABLES)}")
        if name not in self.tables:
            raise CompanyError(
                f"{self.name} brings no table {name}. It brings: "
                f"{', '.join(self.tables)}."
            )
        if name not in self._checked:
            derives = name == "customers" and self.customers_from
            with spoken():
                found = derived(self) if derives else self.as_brought(name)
            self._checked[name] = found
        return self._checked[name]

    @cached_property
    def people(self) -> People:
        """Customer ids as other tables refer to them."""
        return people(self)

    @cached_property
    def joined(self) -> nw.LazyFrame | None:
        """First joining day of each customer, where joining has a date."""
        return joined(self)

    @cached_property
    def silence(self) -> Silence | None:
        """Leaving inferred from orders, if [leaving] declares it."""
        if not self.customers_from or "after_silence_days" not in self.settings.leaving:
            return None
        orders = self.checked(self.customers_from)
        start = self.observed_from or orders.first
        return silence(orders.clean, self.settings, start, self.observed_to)

    def loaded(self, name: str) -> Loaded:
        """A table typed, before any rule."""
        if name not in self._loaded:
            reader = self._source.readers[name]
            self._loaded[name] = load(reader, TABLES[name], self.settings)
        return self._loaded[name]

    def as_brought(self, name: str) -> Checked:
        """A table checked as its file holds it."""
        with whole(self._source.readers[name].label):
            return check(self.loaded(name), TABLES[name], self)

    def brings(self, name: str) -> bool:
        """Whether there is a file (or frame) for a table."""
        return name in self._source.readers

    def _bins(self) -> list[Bin]:
        return [self._checked[n].bin for n in self.tables if n in self._checked]
