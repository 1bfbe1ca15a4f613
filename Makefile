# Nothing Under kvm_lock. `make` alone lists what there is to do.
#
# Every command makes its own environment in .venv first (tools/bootstrap.py), from the pins in requirements.txt.
# Another Python than the one that is found: make PYTHON=/path/to/python3.12 book

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE := 1
export JUPYTER_PREFER_ENV_PATH := 1

BIN := .venv/bin
JOBS ?= 2
PORT ?= 8000
CELL_TIMEOUT ?= 60
NB ?=
LABFLAGS ?=
KERNEL ?=
CLAIMSFLAGS ?=
NOTEBOOKS = $(wildcard book/*.ipynb solutions/*.ipynb)
EXERCISES = $(wildcard exercises/*.ipynb)
NBVAL = $(BIN)/pytest -q -n $(JOBS) --dist loadfile --nbval-cell-timeout=$(CELL_TIMEOUT)

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1 \t\2/' | expand -t 20

.PHONY: book
book: env ## build the site into _build/html, every notebook executed
	@$(BIN)/python tools/build_book.py

.PHONY: serve
serve: book ## build the site and serve it on localhost:8000 (PORT=...)
	@echo "Read it at http://localhost:$(PORT)/ (Ctrl-C stops)."
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

.PHONY: pdf
pdf: env-test book ## print the whole book into one PDF, with Chromium
	@$(BIN)/python tools/make_pdf.py

.PHONY: weights
weights: env book ## what comes over the wire when a page is opened first
	@$(BIN)/python tools/weights.py

.PHONY: lab
lab: env ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/book $(LABFLAGS)

.PHONY: practice
practice: env ## copy the exercises into my/, where they are yours; what is there is left alone
	@$(BIN)/python tools/exercises.py practice

.PHONY: test
test: ## everything CI checks: lint, unit, notebooks, site, binder
	@$(MAKE) -k lint unit notebooks site binder

.PHONY: unit
unit: env-test ## unit and property tests
	@$(BIN)/pytest -q -n $(JOBS) tests --ignore=tests/site --ignore=tests/book

.PHONY: notebooks
notebooks: env-test ## run every notebook and compare its outputs with the committed ones
	@$(BIN)/pytest -q tests/book
	@$(NBVAL) --nbval $(NOTEBOOKS)
	@$(if $(EXERCISES),$(NBVAL) --nbval-lax $(EXERCISES))

.PHONY: site
site: env-test book ## check the built site: links, weight, and in a real browser
	@$(BIN)/pytest -q -n $(JOBS) tests/site

.PHONY: binder
binder: env-test ## check the Binder files with repo2docker
	@$(BIN)/python tools/check_binder.py

.PHONY: lint
lint: env-test ## ruff, mypy, codespell, and the words of the prose
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted: run 'make format'." >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/codespell
	@$(BIN)/python tools/check_prose.py

.PHONY: check-claims
check-claims: env ## look up what the book says of kernel source (KERNEL=/usr/src/linux-source-6.12, or several)
	@$(BIN)/python tools/check_claims.py $(CLAIMSFLAGS) $(KERNEL)

.PHONY: format
format: env-test ## format the code and sort the imports
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix-only --select I .

.PHONY: bench
bench: env ## measure the speed claims of the book
	@$(BIN)/python -m benchmarks

.PHONY: outputs
outputs: env-test ## run the notebooks and write back their text outputs (NB=book/06_the_circle.ipynb for one)
	@$(BIN)/ruff format --quiet $(or $(NB),$(NOTEBOOKS))
	@$(BIN)/python tools/outputs.py $(or $(NB),$(NOTEBOOKS))

.PHONY: exercises
exercises: env-test ## make exercises/ from solutions/
	@$(BIN)/python tools/exercises.py make

.PHONY: check-exercises
check-exercises: env-test ## lint the exercises as content; run every solution, starter and wrong answer
	@$(BIN)/python tools/check_exercises.py
	@$(BIN)/pytest -q -n $(JOBS) tests/practice/test_library.py

.PHONY: lock
lock: env-test ## renew constraints.txt from the pins
	@$(BIN)/python tools/lock.py

.PHONY: clean
clean: ## remove the built site, the caches and .venv
	@rm -rf _build .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: env env-test
env env-test:
	@python=$$(tools/find-python) && "$$python" tools/bootstrap.py $(if $(filter env-test,$@),test,book)
