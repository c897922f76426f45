# Shortcuts around CMake; the presets (cmake --list-presets) do the work.
.DEFAULT_GOAL := help
.PHONY: help packages build minimal demo test fast-test asan tsan onednn3 clang arm64 fuzz check-format format tidy api clean

SOURCES = $(shell git ls-files --cached --others --exclude-standard '*.cpp' '*.h')

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages: ## install the Debian packages that are missing, the tests' too (root or sudo)
	tools/install_packages build options demo test

build: ## build build/release/alexnet
	tools/install_packages build options
	cmake --preset release
	cmake --build --preset release --target alexnet_program

minimal: ## build build/minimal/alexnet without charts, event files, search and the benchmark of layers
	tools/install_packages build
	cmake --preset minimal
	cmake --build --preset minimal

demo: build ## train on 60,000 images of clothes, in about five minutes, and try the result
	tools/install_packages demo
	build/release/alexnet demo

test: packages ## build everything and run all tests
	cmake --preset release
	cmake --build --preset release
	tools/install_tensorboard build/tensorboard
	ctest --preset release --parallel 2

fast-test: packages ## build everything and run all but the slow tests, in a minute or two
	cmake --preset release
	cmake --build --preset release
	ctest --preset release --parallel 2 -LE slow

MODULES_UNDER_ASAN = base text tensor image model host engine cpu formats data zoo charts tensorboard inference explain search \
	train studies bench report console arguments cli

asan: packages ## the modules' tests under the address and undefined-behaviour sanitizers, built by clang
	tools/install_packages clang
	cmake --preset asan
	cmake --build --preset asan --target $(addprefix test_,$(MODULES_UNDER_ASAN))
	ctest --preset asan --parallel 2

tsan: packages ## the tests of the loader, inference and the trainer under the thread sanitizer
	cmake --preset tsan
	cmake --build --preset tsan --target test_data test_inference test_train
	ctest --preset tsan --parallel 2

onednn3: packages ## the engine's tests with oneDNN 3 in place of Debian's oneDNN 2
	tools/install_onednn3 build/onednn-3.2
	cmake --preset onednn3
	cmake --build --preset onednn3
	ctest --preset onednn3 --parallel 2

clang: packages ## the engine's tests and the program, built by clang
	tools/install_packages clang
	cmake --preset clang
	cmake --build --preset clang
	ctest --preset clang --parallel 2

arm64: packages ## the engine's tests for 64-bit ARM processors, cross-compiled and run by qemu
	tools/install_packages arm64
	tools/install_arm64 build/arm64-sysroot
	cmake --preset arm64
	cmake --build --preset arm64
	ctest --preset arm64 --parallel 2

FUZZ_SECONDS = 20
fuzz: ## foreign bytes at the readers of images, models, arrays, data sets, settings and runs, FUZZ_SECONDS each
	tools/install_packages build options test clang
	cmake --preset asan
	cmake --build --preset asan --target fuzzers
	fuzz/run build/asan build/corpus $(FUZZ_SECONDS)

check-format: ## are all sources as clang-format would write them?
	tools/install_packages check
	@clang-format --dry-run --Werror $(SOURCES) && echo "All sources are formatted."

format: ## write all sources as clang-format would
	clang-format -i $(SOURCES)

TIDY = -quiet -extra-arg=-Wno-unknown-warning-option
tidy: packages ## clang-tidy over all sources
	tools/install_packages check
	cmake --preset release
	run-clang-tidy $(TIDY) -j 2 -p build/release '^$(CURDIR)/(src|apps|tests)/'
	clang-tidy $(TIDY) examples/*.cpp fuzz/*.cpp -- -std=c++20 -Iinclude -Isrc

api: ## the API reference, build/api/index.html
	tools/install_packages check
	doxygen docs/Doxyfile

clean: ## remove what was built
	rm -rf build
