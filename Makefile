# Thin front for Meson and Ninja; the tools do the work. README.md says what is what.
PREFIX ?= /usr/local
BUILD ?= build
PROFILE ?= yes
PYTHON = /usr/bin/python3.11 -B

.PHONY: demo build plain test test-quick test-packages test-science test-tasks test-numpy \
        test-package conformance conformance-all stress bench bench-scaling \
        bench-pause bench-crossing check library install clean setup

setup:
	@tools/setup.sh

build: setup
	@PROFILE=$(PROFILE) tools/build.sh $(BUILD) $(abspath $(PREFIX))

# Not trained: built in half the time.
plain:
	@$(MAKE) build BUILD=build-plain PROFILE=no

demo: build
	$(PYTHON) tools/demo.py --orochi $(BUILD)/orochi

test: build
	$(PYTHON) tools/test.py --orochi $(BUILD)/orochi

test-quick: build
	$(PYTHON) tools/test.py --orochi $(BUILD)/orochi --quick

# Compiled packages of Debian, NumPy among them.
test-packages: build
	@tools/setup.sh packages-extensions.txt
	$(PYTHON) tools/test.py --orochi $(BUILD)/orochi --area extensions --library

# The same with pandas and SciPy.
test-science: build
	@tools/setup.sh packages-extensions.txt packages-science.txt
	$(PYTHON) tools/test.py --orochi $(BUILD)/orochi --area extensions

# Short programs, each of which does a task with one or a few of eighty packages.
test-tasks: build
	@tools/setup.sh packages-more.txt
	$(PYTHON) tools/test.py --orochi $(BUILD)/orochi --area packages/tasks

# NumPy's own tests, under pytest; `make test-package NAME=networkx` runs those of another package.
test-numpy: build
	@tools/setup.sh packages-extensions.txt
	$(PYTHON) tools/test_package.py --orochi $(BUILD)/orochi numpy

test-package: build
	@tools/setup.sh packages-extensions.txt packages-more.txt
	$(PYTHON) tools/test_package.py --orochi $(BUILD)/orochi $(NAME)

conformance: build
	$(PYTHON) tools/conformance.py --orochi $(BUILD)/orochi

conformance-all: build
	for list in files modules extensions more; do \
		$(PYTHON) tools/conformance.py --orochi $(BUILD)/orochi --files $$list.txt || exit 1; \
	done

stress: | setup
	$(PYTHON) tools/stress.py

bench: build
	$(PYTHON) tools/bench.py --orochi $(BUILD)/orochi

bench-scaling: build
	$(PYTHON) tools/bench_scaling.py --orochi $(BUILD)/orochi

# The longest pause and time to stop with 500 MB alive.
bench-pause: build
	$(BUILD)/orochi bench/pause.py 500 2

# What calls of extension code cost, whether others wait for it, and what memory its temporaries take.
bench-crossing: build
	$(PYTHON) bench/crossing.py $(BUILD)/orochi
	$(PYTHON) bench/waiting.py $(BUILD)/orochi
	$(PYTHON) bench/temporaries.py $(BUILD)/orochi

check: | setup
	$(PYTHON) tools/check.py

# libpython3.11.so.1.0, for programs that embed Python.
library: build
	ninja -C $(BUILD) --quiet libpython3.11.so.1.0

install: build
	meson configure $(BUILD) --prefix=$(abspath $(PREFIX))
	ninja -C $(BUILD) --quiet libpython3.11.so.1.0
	ninja -C $(BUILD) install

clean:
	rm -rf $(BUILD) build-*
