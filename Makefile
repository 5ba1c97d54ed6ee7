# Thin wrappers: everything is in bootstrap.py. Words for a command: make test ARGS="tests/rules -x"
.PHONY: run demo test check
PYTHON ?= python3
run demo test check: ; @$(PYTHON) bootstrap.py $@ $(ARGS)
