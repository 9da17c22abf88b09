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
    _check(commands)
    _check_setup(commands)
    _simulate(commands)
    _studies(commands)
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
        help="2026-10, 2026-Q3 or 2026-10-31: as of its end "
        "(default: the last month observed)",
    )
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
    command.add_argument("--quiet", action="store_true", help="print only the page")


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


def _handouts(commands):
    text = "write exercise and solution copies of the studies"
    command = _command(commands, "handouts", "studies:handouts", text)
    command.add_argument(
        "--out",
        default="reports/handouts",
        metavar="FOLDER",
        help="default: reports/handouts",
    )
    _study(command)


def _positive(text):
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number
