# What people look for under these names; each is one command, which the README explains.
.PHONY: help run test check build deploy

help:
	@echo "make run     a prompt through the function, between stand-ins, without AWS"
	@echo "make test    the tests"
	@echo "make check   everything that must hold before a change lands"
	@echo "make build   the artifact for arm64, with SAM"
	@echo "make deploy  build it, and deploy the template"

run:
	cargo local events/http-messages.json

test:
	cargo test --workspace

check:
	.ci/run

build:
	sam build

deploy: build
	sam deploy --guided
