# Everything a contributor does, and each target does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
SWIFT ?= swift
BIN = $(shell $(SWIFT) build --show-bin-path)
# Tests at once: many servers, databases and agents on few cores only wait for each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

.PHONY: help run test mutants soak fuzz check bench format docs setup clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup ## Build, put a small real job through Dibs on SQLite, and stay up
	$(SWIFT) build --product dibs
	exec "$(BIN)/dibs" demo $(DEMO)

test: setup ## The whole suite, on SQLite and on a private PostgreSQL
	$(SWIFT) build --build-tests
	Scripts/with-postgres $(SWIFT) test --skip-build $(TEST)

mutants: setup ## Which of some small faults no test notices (MUTANTS=names; takes an hour)
	Scripts/mutants $(MUTANTS)

soak: setup ## A long run of random histories against the model (HISTORIES=20000)
	$(SWIFT) build --build-tests
	DIBS_HISTORIES=$(or $(HISTORIES),20000) Scripts/with-postgres \
		$(SWIFT) test --skip-build --filter ModelTests

fuzz: setup ## Parsers against random input, and the release program against what is kept (SECONDS=3600)
	Scripts/fuzz $(or $(SECONDS),3600)

check: setup ## Strict format lint, a build without warnings, the fast tests
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter 'ArchitectureTests|DibsCoreTests|DibsJSONTests'

bench: setup ## Timings, compared as ratios in one run
	$(SWIFT) build -c release --product dibs
	Scripts/bench

format: ## Format every source
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

docs: setup ## Write the generated pages of docs/ anew
	$(SWIFT) build --product dibs
	"$(BIN)/dibs" docs states > docs/STATES.md
	"$(BIN)/dibs" docs limits > docs/LIMITS.md
	"$(BIN)/dibs" docs commands > docs/COMMANDS.md

setup: ## System packages (libpq, SQLite, PostgreSQL, git); asks nothing as root or in CI
	@Scripts/setup

clean: ## Remove everything that was built
	rm -rf .build
