# Everything runs in .venv, made on first use from the hashed lock.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
# A foreign JUPYTER_PATH could offer another kernel under our kernel's name.
unexport JUPYTER_PATH
# Without bytecode every kernel recompiles every import.
unexport PYTHONDONTWRITEBYTECODE

COMPANY ?= data/lakeshore

.DEFAULT_GOAL := help
.PHONY: help report test slow engines lab notebooks lint lock

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | awk -F: '{printf "  make %-10s %s\n", $$1, $$2}'

report: .venv/ready  ## write the report of COMPANY (data/lakeshore unless given) and print its page's path
	@$(BIN)/retention report "$(COMPANY)"

test: .venv/ready  ## unit tests, doctests and every notebook
	PYTHONWARNINGS=error::FutureWarning $(BIN)/python -m pytest

slow: .venv/ready  ## the tests that simulate twenty companies
	PYTHONWARNINGS=error::FutureWarning $(BIN)/python -m pytest -m slow $(SLOW)

engines: .venv-engines/ready  ## the same counts from Apache Spark (needs Java 17) and PostgreSQL
	PYTHONWARNINGS=error::FutureWarning .venv-engines/bin/python -m pytest tests/test_engines.py -m "spark or postgres"

lab: .venv/ready  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --LabApp.news_url=None notebooks

notebooks: .venv/ready  ## run all notebooks and store their outputs
	$(BIN)/python -m retention.notebooks

lint: .venv/ready  ## style of code and notebooks
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

lock: .venv/ready  ## resolve the newest versions that work together into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	  --upgrade --group dev --extra examples --extra causal pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, and %s is %d.%d. Name another: make PYTHON=python3.12 ..." % (sys.executable, *v))'
	@$(PYTHON) -m venv .venv || { echo "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

# Apache Spark is large and needed by nobody else, so it gets a place of its own.
.venv-engines/ready: .venv/ready
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-engines
	@$(BIN)/uv pip install --quiet --python .venv-engines/bin/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python .venv-engines/bin/python -e '.[spark,postgres]'
	@touch $@
