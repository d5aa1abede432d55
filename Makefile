# One line a job. `make demo` and `make test` are the two commands of the README.
.PHONY: setup demo test check bench fuzz soak lock samples advisories
PY := .venv/bin/python

setup: ; @bash .ci/setup
demo: setup ; @YANZHANG_HOME=out/home .venv/bin/yanzhang process samples/demo/batch --records samples/demo/records.json --out out/demo --received-on 2023-09-20 --prefect
test: ; @bash .ci/setup test && $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder
check: setup ; .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && $(PY) -m pytest --collect-only -qqq
bench: setup ; $(PY) -m samples.bench && $(PY) -m samples.seal_bench --doc docs/BENCHMARKS.md && $(PY) -m samples.nightly_bench
fuzz: setup ; $(PY) -m samples.fuzz --count 5000 --seed 1
soak: setup ; $(PY) -m samples.soak --kills 1000 --pages 10000
samples: setup ; .venv/bin/yanzhang samples out/samples --envelopes 12 --seed 1
lock: setup ; .venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock
advisories: setup ; $(PY) .ci/advisories $(DB)
