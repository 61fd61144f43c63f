# An index of commands; each is one call of something that does the work. `make help` lists them.
.DEFAULT_GOAL := build
PRESET       ?= dev
DURATION     ?= 10s
BUDGET       ?= 20s
FUZZ_SECONDS ?= 60
LINES        ?= 90
KILLS        ?= 1000
BUILD        := cmake --build --preset $(PRESET) --
BIN          := build/bin

# Ninja and ctest have the parallelism.
.NOTPARALLEL:
.PHONY: help deps configure build test stress stress-all check coverage errors line-coverage exhaust replay-all replay-live live check-model zoo fuzz afl kill slurm browser bench bench-build bench-gate tidy format format-check install package package-test clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

deps: ## install what is missing from Debian's packages
	@.ci/deps

configure: deps
	@cmake --preset $(PRESET) >build-$(PRESET).log || { cat build-$(PRESET).log >&2; exit 1; }
	@rm -f build-$(PRESET).log

build: configure ## build/bin/lockproof and build/bin/solo
	@$(BUILD) lockproof solo_command

test: configure format-check ## everything that has to hold before a change lands
	@$(BUILD)
	@ctest --preset $(PRESET) -j 2

stress: build ## many real processes over the reference lock and three real ones (DURATION=10s)
	@$(BIN)/lockproof stress control third_party/flock third_party/setlock third_party/filelock --duration $(DURATION)

stress-all: build ## every family of scenarios with 200 real processes for a minute
	@.ci/stress $(BIN)/lockproof 200 60

check: build ## the scenario gate: every scenario does what it expects, searched and under stress
	@.ci/gate $(BIN)/lockproof

coverage: build ## docs/COVERAGE.md: which requirement is shown by which scenario
	@$(BIN)/lockproof check $(filter-out %/third_party/,$(wildcard scenarios/*/)) --no-store --report json=build/coverage.json >/dev/null 2>&1; test $$? -le 1
	@docs/coverage.py build/coverage.json

errors: build ## docs/ERRORS.md: the codes of errors, as `lockproof explain` has them
	@docs/errors.py $(BIN)/lockproof

line-coverage: ## how many lines of harness/ and ref/ the tests execute, file by file in build/coverage/lines; fails below LINES=90 per cent
	@.ci/deps .ci/packages .ci/packages-coverage
	@.ci/line-coverage $(LINES)

exhaust: build ## every scenario of solo searched with three contenders and two kills, states compared with docs/exhausted.toml
	@.ci/exhaust $(BIN)/lockproof

replay-all: build ## every counterexample replays 100 times of 100, in each build type that is there too
	@.ci/replay $(BIN)/lockproof 100 build/release/bin/lockproof build/asan/bin/lockproof

live: build ## real processes say what the simulated kernel says: each scenario and mutant, 2 contenders, 1 kill (BUDGET=20s)
	@.ci/live $(BIN)/lockproof --budget $(BUDGET)

replay-live: build ## every counterexample is the same with real processes 100 times of 100, call by call
	@.ci/replay --live $(BIN)/lockproof 100

check-model: configure ## the simulated kernel against Linux: 20,000 sequences of calls, 5,000 in pid namespaces
	@$(BUILD) sim_test
	@LOCKPROOF_SEQUENCES=20000 build/$(PRESET)/tests/sim_test --gtest_brief=1 --gtest_filter='ModelAgainstLinux.*'

zoo: build ## docs/ZOO.md: locks of other people, each asked the same questions (BUDGET=20s a question); what is known is not asked again
	@.ci/deps .ci/packages .ci/packages-zoo
	@command -v npm >/dev/null || .ci/deps .ci/packages-npm
	@scenarios/third_party/zoo.py $(BIN)/lockproof --budget $(BUDGET)

fuzz: ## every fuzz target for FUZZ_SECONDS=60, with clang's libFuzzer
	@.ci/deps .ci/packages .ci/packages-fuzz
	@.ci/fuzz $(FUZZ_SECONDS)

afl: ## the fuzz targets that read text for FUZZ_SECONDS=60, with AFL++
	@.ci/deps .ci/packages .ci/packages-afl
	@.ci/afl $(FUZZ_SECONDS)

kill: build ## lockproof is killed at KILLS=1000 random instants, and nothing is left; half an hour
	@.ci/kill $(BIN)/lockproof $(KILLS)

slurm: build ## a search by a job array of 8 shards on a Slurm of one node, one of them killed and run again; as root
	@.ci/deps .ci/packages .ci/packages-slurm
	@.ci/slurm $(BIN)/lockproof

browser: build ## reports in readers of other people: timelines in chromium, traces, SARIF, JUnit; screenshots in build/browser
	@.ci/deps .ci/packages .ci/packages-browser
	@command -v npm >/dev/null || .ci/deps .ci/packages-npm
	@.ci/browser $(BIN)/lockproof build/browser

BENCHMARKS = stress_throughput search_states claim_cost live_executions live_programs learned_programs
bench-build:
	@.ci/deps .ci/packages .ci/packages-bench
	@command -v npm >/dev/null || .ci/deps .ci/packages-npm
	@$(MAKE) PRESET=bench configure
	@cmake --build --preset bench --target lockproof solo_command lock_peer $(BENCHMARKS)
	@test -d build/bench/bench/npm/node_modules/proper-lockfile || npm install --no-audit --no-fund --no-save --prefix build/bench/bench/npm proper-lockfile@4.1.2 >/dev/null

bench: bench-build ## docs/BENCH.md: what users get, each beside its peer and its limit; a quarter of an hour in which nothing else should run
	@bench/bench.py build/bench/bench build/bench/bin/lockproof $(if $(BENCH_FLAGS),build/bench/trial,docs) $(BENCH_FLAGS)

bench-gate: bench-build ## ratios of the last `make bench` against their limits, and counts of instructions against bench/instructions.json
	@bench/gate.py build/bench/bench build/bench/bin

tidy: configure ## clang-tidy, every finding an error
	@git ls-files '*.cc' ':!fuzz' ':!scenarios/third_party' | xargs -n 1 -P 2 clang-tidy --quiet -p build/$(PRESET)

format: deps ## clang-format every source
	@git ls-files -co --exclude-standard '*.cc' '*.h' | xargs clang-format -i

format-check: deps
	@git ls-files -co --exclude-standard '*.cc' '*.h' | xargs clang-format --dry-run --Werror

install: ## into PREFIX=/usr/local, without developer warnings
	@$(MAKE) PRESET=release configure
	@cmake --build --preset release
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

package: ## a .deb and a .tar.gz in build/release
	@$(MAKE) PRESET=release configure
	@cmake --build --preset release
	@cd build/release && cpack

package-test: package ## the .deb in a clean Debian: lintian, check and solo from there, completions; removed again, nothing is left
	@.ci/deps .ci/packages .ci/packages-package
	@.ci/package build/release

clean: ## remove build/
	@rm -rf build
