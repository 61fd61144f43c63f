# An index of commands; each is one call of something that does the work. `make help` lists them.
.DEFAULT_GOAL := build
PRESET  ?= dev
PREFIX  ?= /usr/local
DURATION ?= 15s
BIN     := build/bin

# make needs no parallelism of its own: ninja and ctest have it.
.NOTPARALLEL:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

deps: ## install what is missing from Debian's packages
	@.ci/deps

build/$(PRESET)/build.ninja: CMakeLists.txt CMakePresets.json | deps
	@cmake --preset $(PRESET) >build-$(PRESET).log 2>&1 || { cat build-$(PRESET).log >&2; rm -f build-$(PRESET).log; exit 1; }
	@rm -f build-$(PRESET).log

build: deps build/$(PRESET)/build.ninja ## build/bin/lockproof and build/bin/solo
	@cmake --build --preset $(PRESET) -- --quiet

test: build format-check ## everything that has to hold before a change lands
	@ctest --preset $(PRESET) -j 2

format: ## clang-format every source
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

format-check: deps ## fail when clang-format would change a source
	@git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror

clean: ## remove build/
	@rm -rf build
