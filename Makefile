# Thin wrappers: everything is in bootstrap.py. Words for a command: make test ARGS="tests/rules -x"
.PHONY: run demo test check bench
PYTHON ?= python3
run demo test check bench: ; @$(PYTHON) bootstrap.py $@ $(ARGS)
