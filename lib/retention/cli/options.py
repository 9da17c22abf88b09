"""What can be written on the command line."""

import argparse

COMPANY = "data/lakeshore"
_EXIT_CODES = (
    "Exit codes: 0 done, 1 a study failed, 2 the input was refused, "
    "3 the output could not be written."
)


def parser() -> argparse.ArgumentParser:
    """Parser of every command; each sets `runs` to "module:function".

    Examples
    --------
    >>> parser().parse_args(["report", "--period", "2026-10"]).period
    '2026-10'
    """
    top = argparse.ArgumentParser(
        prog="retention",
        description="Customer retention: from a company's tables to a report.",
        epilog=_EXIT_CODES,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _report(commands)
    _verify(commands)
    _check(commands)
    _check_setup(commands)
    _simulate(commands)
    _studies(commands)
    _ledger(commands)
    _handouts(commands)
    return top


def _command(commands, name, runs, text):
    command = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=_EXIT_CODES
    )
    command.add_argument(
        "--debug", action="store_true", help="show the full trace of an error"
    )
    command.set_defaults(runs=runs)
    return command


def _company(command):
    command.add_argument(
        "company",
        nargs="?",
        default=COMPANY,
        metavar="COMPANY",
        help=f"folder or .duckdb file (default: {COMPANY})",
    )


def _study(command):
    command.add_argument(
        "--study",
        action="append",
        metavar="NAME",
        help="only this study; may be repeated (`retention studies` lists them)",
    )


def _strict(command):
    command.add_argument(
        "--strict", action="store_true", help="refuse data in which any row is bad"
    )


def _report(commands):
    command = _command(
        commands, "report", "report:report", "run the studies and write their report"
    )
    _company(command)
    command.add_argument(
        "--period",
        metavar="PERIOD",
        help="2026-10, 2026-Q3, 2026-10-31, last-month, last-quarter or last-year: as "
        "of its end (default: the last month observed)",
    )
    _many(command)
    _study(command)
    command.add_argument(
        "--by", default="", metavar="COLUMN", help="split the answers by this column"
    )
    command.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of a study; may be repeated",
    )
    command.add_argument(
        "--out", default="reports", metavar="FOLDER", help="default: reports"
    )
    _strict(command)
    _outputs(command)


def _many(command):
    command.add_argument(
        "--from",
        dest="first",
        metavar="PERIOD",
        help="with --to: a report for each period between; those there are kept",
    )
    command.add_argument("--to", dest="last", metavar="PERIOD")
    command.add_argument(
        "--force", action="store_true", help="with --from: make all of them again"
    )
    command.add_argument(
        "--each", default="", metavar="COLUMN", help="a report for each of its values"
    )
    command.add_argument(
        "--months",
        type=int,
        default=0,
        metavar="N",
        help="observe only the last N months of the period (default: all)",
    )


def _outputs(command):
    texts = {
        "--at-risk": "keep the early-warning list, at_risk.csv; it names customers",
        "--notebooks": "keep the executed notebooks",
        "--pdf": "print the pages to PDF as well, with the installed Chromium",
        "--quiet": "print only the page",
        "--log-json": "log to standard error, a line of JSON for each event",
    }
    for name, text in texts.items():
        command.add_argument(name, action="store_true", help=text)
    command.add_argument(
        "--timeout",
        type=int,
        default=900,
        metavar="SECONDS",
        help="longest time for one cell (default: 900)",
    )


def _verify(commands):
    text = "make a report again and say whether its numbers are the same"
    command = _command(commands, "verify", "verify:verify", text)
    command.add_argument(
        "folder", metavar="FOLDER", help="a period, such as reports/lakeshore/2026-10"
    )
    command.add_argument(
        "--company", metavar="COMPANY", help="where it lies now, if it has moved"
    )
    command.add_argument("--quiet", action="store_true", help="print only the result")


def _check(commands):
    text = "say what a company's tables hold, what is wrong in them and what can run"
    command = _command(commands, "check", "company:check", text)
    _company(command)
    _strict(command)
    command.add_argument(
        "--out",
        default="reports",
        metavar="FOLDER",
        help="where rows set aside are listed, default: reports",
    )


def _check_setup(commands):
    text = "say whether this machine has what the workbook needs"
    _command(commands, "check-setup", "setup:check_setup", text)


def _simulate(commands):
    text = "write a simulated company whose truth is known"
    command = _command(commands, "simulate", "company:simulate", text)
    command.add_argument("out", metavar="OUT", help="folder to write")
    command.add_argument("--seed", type=int, help="default: the shipped company's")
    command.add_argument(
        "--scale", type=_positive, default=1.0, help="1 is the shipped size (default)"
    )


def _studies(commands):
    text = "list the studies, what each needs and its parameters"
    command = _command(commands, "studies", "studies:studies", text)
    command.add_argument(
        "company",
        nargs="?",
        metavar="COMPANY",
        help="also say which studies can run on this company",
    )


def _ledger(commands):
    text = "say which retention sayings hold for a company"
    command = _command(commands, "ledger", "ledger:ledger", text)
    _company(command)
    command.add_argument(
        "--period", metavar="PERIOD", help="as of its end, such as 2026-10"
    )


def _handouts(commands):
    text = "write exercise and solution copies of the studies, or all for a class"
    command = _command(commands, "handouts", "handouts:handouts", text)
    command.add_argument(
        "--class",
        dest="name",
        default="",
        metavar="NAME",
        help="make a company for this class, exercises that check answers, and a key",
    )
    command.add_argument(
        "--seed", type=int, metavar="N", help="with --class: another one, other answers"
    )
    command.add_argument(
        "--out",
        default="reports/handouts",
        metavar="FOLDER",
        help="default: reports/handouts",
    )
    _study(command)
    command.add_argument(
        "--studies",
        dest="study",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="the same for several, such as --studies tenure claims",
    )


def _positive(text):
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number
