"""Write a simulated company as Parquet, settings and, apart, its truth."""

import json
import tempfile
from pathlib import Path

from retention.simulate.lakeshore import DEFAULT_SEED, simulate

MOMENTS = ("ordered_on",)
PARAMETERS = Path("truth") / "parameters.json"


def write_company(out, *, seed=DEFAULT_SEED, scale=1.0):
    """Write a simulated company into a folder that any study can open.

    One Parquet file a table, `workbook.toml`, and `truth/` with what the tables do
    not say. The folder appears whole or not at all; one written before is replaced.

    Parameters
    ----------
    out : str or pathlib.Path
        The folder. It must not exist, be empty, or hold a simulated company.
    seed : int, default 2026
        The same seed gives identical tables.
    scale : float, default 1.0
        Size of the company, see `simulate`.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        If `out` holds something else, or `seed` or `scale` cannot be.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     out = write_company(Path(folder) / "small", seed=7, scale=0.01)
    ...     sorted(path.name for path in out.iterdir())[:3]
    ['activity.parquet', 'contacts.parquet', 'costs.parquet']
    """
    refuse_foreign(Path(out))
    return placed(simulate(seed=seed, scale=scale), out)


def placed(company, out):
    """Folder into which a simulated company was written, whole or not at all.

    Parameters
    ----------
    company : SimulatedCompany
    out : str or pathlib.Path
        As in `write_company`.

    Returns
    -------
    pathlib.Path
        The folder. What stood there is replaced when the new company is whole.

    Raises
    ------
    ValueError
        If `out` is a file or holds something else than a simulated company.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from retention import simulate
    >>> small = simulate.simulate(seed=7, scale=0.01)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     out = simulate.placed(small, Path(folder) / "small")
    ...     (out / "workbook.toml").read_text().splitlines()[2]
    'name = "Lakeshore"'
    """
    out = Path(out)
    refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as place:
        made = Path(place) / "new"
        fill(made, company)
        if out.exists():
            out.rename(Path(place) / "old")
        made.rename(out)
    return out


def refuse_foreign(out):
    """Refuse to replace anything but a simulated company or an empty folder."""
    if out.is_file():
        raise ValueError(f"{out} is a file; name a folder to write the company into")
    if out.is_dir() and any(out.iterdir()) and not (out / PARAMETERS).is_file():
        raise ValueError(
            f"{out} is not empty and holds no simulated company ({PARAMETERS} is "
            "missing), so it is left as it is; name another folder"
        )


def fill(folder, company):
    """Write all files of the company into a new folder."""
    (folder / "truth").mkdir(parents=True)
    for name, table in company.tables.items():
        write_table(table, folder / f"{name}.parquet")
    for name, table in company.truth.items():
        write_table(table, folder / "truth" / f"{name}.parquet")
    (folder / "workbook.toml").write_text(company.workbook, encoding="utf-8")
    text = json.dumps(company.parameters, indent=1)
    (folder / PARAMETERS).write_text(text + "\n", encoding="utf-8")


def write_table(table, path):
    """One Parquet file; dates as dates, moments as time stamps."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, arrow_type(table[name])) for name in table])
    rows = pa.Table.from_pandas(table, schema=schema, preserve_index=False)
    pq.write_table(
        rows.replace_schema_metadata(None),
        path,
        compression="zstd",
        compression_level=9,
        write_statistics=True,
    )


def arrow_type(column):
    """The narrowest type that holds the column without loss."""
    import pyarrow as pa

    if column.dtype == object:
        return pa.string()
    if column.dtype.kind == "M":
        return pa.timestamp("ms") if column.name in MOMENTS else pa.date32()
    return pa.from_numpy_dtype(getattr(column.dtype, "numpy_dtype", column.dtype))
