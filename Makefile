# Steward. `make run` and `make test` are all a newcomer needs; both set up what they need themselves.
PORT ?= 8000
# `make run DEMO=` starts without the demo company.
DEMO ?= --demo
# More arguments for pytest, for example ARGS="-x tests/cases".
ARGS ?=
# Some machines forbid it; without compiled modules each start costs half a second more.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
UV := .venv/bin/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: pictures run test test-sqlite test-postgres check browser-test week bench format messages lock clean setup setup-dev

run: setup
	@exec $(PY) -m steward run $(DEMO) --port $(PORT)

# Both databases at once, each one's lines together.
test: setup-dev
	@$(MAKE) --no-print-directory --output-sync=target --jobs=2 test-sqlite test-postgres

test-sqlite: setup-dev
	STEWARD_TEST_ON=sqlite $(PY) -m pytest $(ARGS)

test-postgres: setup-dev
	STEWARD_TEST_ON=postgres $(PY) -m pytest $(ARGS)

check: setup-dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m steward messages check
	$(PY) scripts/try_rules.py --check

# pytest ends with 5 when it found no test: accepted only as long as no story is written.
browser-test: setup-dev
	$(PY) -m pytest -m browser $(ARGS) || { [ $$? -eq 5 ] && ! grep -rlq 'mark\.browser' tests; }

# Seven days of 1,360 homes through the API, calculated a second time; prints the table of docs/week.md.
week: setup-dev
	STEWARD_TEST_ON=sqlite $(PY) -m pytest -m week tests/week -s $(ARGS)

bench: setup-dev
	$(PY) -m steward bench $(ARGS)

# README and docs: a fresh demo, the story of one repair, a morning at the desk.
pictures: setup-dev
	$(PY) scripts/take_pictures.py
	PICTURES=docs/pictures/story $(PY) -m pytest -q -m browser tests/story/test_one_repair.py
	PICTURES=docs/pictures/morning $(PY) -m pytest -q -m browser tests/story/test_morning.py

format: setup-dev
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

messages: setup-dev
	$(PY) -m steward messages update

# Newest versions within the bounds of requirements/*.in, with hashes, without download addresses.
lock: setup-dev
	$(LOCK) --upgrade requirements/base.in -o requirements/base.txt
	$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	$(LOCK) --upgrade requirements/uv.in -o requirements/uv.txt
	$(LOCK) --upgrade requirements/node.in -o requirements/node.txt

setup:
	@scripts/setup.sh base

setup-dev:
	@scripts/setup.sh dev

clean:
