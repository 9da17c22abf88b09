"""How cost grows with customers: slopes and a plot, from the table in README.md.

python tests/benchmarks/growth.py
"""

import re
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter

HERE = Path(__file__).resolve().parent
README, PLOT = HERE / "README.md", HERE / "growth.png"
BEGIN, END = "<!-- growth -->", "<!-- end of growth -->"
ROW = re.compile(
    r"^\| ([\d,]+) \| ([^|]+) \| ([^|]+) \| ([\d.]+) \| ([\d.]+) \| (\d+) "
)
SHOWN = {
    ("scan of 3 columns", "duckdb"): ("reading 3 columns", "0.6", "o", ":"),
    ("curves and log-rank", "ours"): ("curves, log-rank", "C0", "o", "-"),
    ("curves and log-rank", "lifelines"): ("the same, lifelines", "C0", "s", "--"),
    ("Cox", "ours"): ("Cox, 12 coefficients", "C3", "o", "-"),
    ("Cox", "lifelines"): ("the same, lifelines", "C3", "s", "--"),
    ("period table", "ours"): ("period table", "C2", "o", "-"),
}


def main() -> None:
    """Draw the plot and write the slopes under the table."""
    found = measured(README.read_text(encoding="utf-8"))
    drawn(found).savefig(PLOT, dpi=120)
    lines = ["| work | by | slope of CPU seconds | up to |", "|---|---|--:|--:|"]
    for (case, who), points in found.items():
        if who in ("ours", "duckdb") and points[-1][2] > 1:
            lines.append(slope(case, who, points))
    text = "\n".join(lines)
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    print(text)


def measured(text: str) -> dict:
    """Rows, wall seconds, CPU seconds and megabytes by case and by whom."""
    found: dict = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            rows, case, who, *numbers = (part.strip() for part in row.groups())
            point = (int(rows.replace(",", "")), *map(float, numbers))
            found.setdefault((case, who), []).append(point)
    return found


def slope(case: str, who: str, points: list) -> str:
    """Line of the table: power of rows between the two largest sizes."""
    (few, _, less, _), (many, _, more, _) = points[-2:]
    found = np.log(more / less) / np.log(many / few)
    return f"| {case} | {who} | {found:.2f} | {many:,} |"


def drawn(found: dict):
    """CPU seconds and megabytes on customers, both axes by tens."""
    figure, (time, memory) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for key, (label, colour, mark, stroke) in SHOWN.items():
        points = np.array(found.get(key, []), dtype=float)
        if len(points):
            look = {"color": colour, "marker": mark, "linestyle": stroke, "ms": 4}
            time.plot(points[:, 0], points[:, 2], label=label, **look)
            memory.plot(points[:, 0], points[:, 3], label=label, **look)
    memory.axhline(2048, color="0.3", lw=0.8)
    memory.annotate("2 GB", (1.2e4, 2200), color="0.3", fontsize=9)
    for axes, name in ((time, "CPU seconds"), (memory, "peak memory, MB")):
        axes.set(xscale="log", yscale="log", xlabel="customers", ylabel=name)
        axes.grid(color="0.92")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,g}"))
    time.legend(frameon=False, fontsize=9)
    return figure


if __name__ == "__main__":
    main()
