# make run     everything on this machine (PORT=8000, DATA_DIR=.local), until Ctrl-C
# make test    checks and all tests, against a PostgreSQL and a Redis it starts itself
# make check   lint, format, types, imports, templates, migrations, API schema, production settings
# make bench   throughput, latency, CPU and memory of the production server, each operation beside its floor (docs/performance.md; ARGS="--only list submit")
# make chaos   ten thousand writes while everything breaks: what was kept, as a table (ARGS=--control: without locks, must fail)
# make contract  thirteen thousand calls made up from the OpenAPI document, single and along its links, as every kind of caller
# make hosts   a dozen hosts of their own on this machine (Linux, root; Patroni, etcd, HAProxy, PgBouncer, pgBackRest, Sentinel), each lost in turn under load
# make attack  what a hostile caller tries, each a test with a name (part of make test)
# make screenshots   the pictures of README and docs/, every page of the phone among them (test-results/pages/ has those whole and at 1280 px)
# make weigh   what the phone pages cost at the first and the second visit: requests, kB, seconds on a slow network and phone
# make effort  clicks, keys and seconds of a reviewer's and a supervisor's daily acts, as a table
# make client  writes clients/typescript/schema.ts from the OpenAPI document (needs Node)
# make setup   the environment in .venv, with what tests need
# make format, make messages (collects, converts and compiles locale/), make counts (README's table of what the policies know), make reference (the tables of
# docs/policy-language.md), make requirements (pins what requirements*.in ask for), make clean

PY := .venv/bin/python
MANAGE := $(PY) manage.py
PRODUCTION := ENV_FILE=tests/config/production.env
ARGS ?=

.PHONY: run test attack contract screenshots weigh effort check bench setup runtime format messages client counts reference requirements drill chaos hosts sbom clean
.DEFAULT_GOAL := run

run: runtime
	@exec $(MANAGE) up

runtime:
	@sh .ci/environment requirements.txt

setup:
	@sh .ci/environment requirements-dev.txt requirements.txt

# A check that fails does not hide what the tests would say; either makes it fail. Tests are handed out in small lots: of large ones a
# worker was left with two hundred of the browser's, while the other had nothing to do.
test: setup
	@failed=; \
	$(MAKE) --no-print-directory check || failed="make check"; \
	sh tests/browser/install.sh || failed="$$failed browser"; \
	sh clients/install.sh || failed="$$failed clients"; \
	$(PY) -m pytest -n 2 --maxschedchunk 16 $(ARGS) || failed="$$failed pytest"; \
	if [ -n "$$failed" ]; then echo "Failed: $$failed" >&2; exit 1; fi

check: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()"
	$(PY) -m djlint --quiet --lint --check .
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

bench: runtime
	$(PY) -m tests.load.bench $(ARGS)

attack: setup
	$(PY) -m pytest -n 2 tests/attack $$($(PY) -m tests.attack.elsewhere) $(ARGS)

# Prints for each part how many calls were answered how; a status or a shape that the document does not have fails.
contract: setup
	CONTRACT_LONG=1 $(PY) -m pytest -q -p no:randomly tests/access/test_contract_fuzz.py $(ARGS)

screenshots: setup
	@sh tests/browser/install.sh
	$(PY) -m pytest -q tests/browser/screenshots.py tests/browser/phone_pages.py tests/browser/desk_pages.py

weigh: setup
	@sh tests/browser/install.sh
	$(PY) -m pytest -q -s tests/browser/weigh.py

effort: setup
	@sh tests/browser/install.sh
	$(PY) -m pytest -q -p no:randomly tests/browser/effort.py

format: setup
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: setup
	$(PY) -m tests.core.catalogues

reference: setup
	$(PY) -m policies.language.reference

client: setup
	@sh clients/install.sh
	@mkdir -p clients/build
	$(MANAGE) spectacular --file clients/build/schema.yaml
	cd clients && npm run --silent generate

counts: setup
	$(PY) -m policies.language.counting

COMPILE := .venv/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

requirements: setup
	$(COMPILE) requirements.in --output-file requirements.txt
	$(subst 3.11,3.12,$(COMPILE)) requirements-redis.in --no-deps --constraint requirements.txt --output-file requirements-redis.txt
	$(COMPILE) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) requirements-traces.in --constraint requirements-dev.txt --output-file requirements-traces.txt
	$(COMPILE) requirements-s3.in --constraint requirements-dev.txt --output-file requirements-s3.txt

# Backed up, destroyed, brought back to a moment: what was shown, and how long it took.
drill: setup
	$(PY) -m tests.chaos.drill

# Processes, Redis, PostgreSQL and the disk fail while clients write: what was acknowledged, lost, doubled, late. --control: without locks.
chaos: setup
	$(PY) -m tests.chaos.run $(ARGS)

# PostgreSQL, Redis, web and workers on hosts of their own (network namespaces, Debian's packages); each is lost in turn: what was kept.
hosts: setup
	$(PY) -m tests.hosts.run $(ARGS)

# What the product is made of, with licences (CycloneDX): of an environment that holds nothing else.
sbom: setup
	.venv/bin/uv venv --quiet --clear --python .venv/bin/python .local/product
	.venv/bin/uv pip install --quiet --python .local/product --require-hashes -r requirements.txt
	.venv/bin/cyclonedx-py environment .local/product/bin/python --output-format JSON --output-file sbom.cdx.json
	@$(PY) -c "import json; [print(*sorted({l.get('expression') or l['license'].get('id') or l['license'].get('name') for l in c.get('licenses', [])}) or ['?'], c['name'], c['version'], sep='\t') for c in json.load(open('sbom.cdx.json'))['components']]" | sort

# Leaves the data alone: those are in DATA_DIR.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
