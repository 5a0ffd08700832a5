# Heed: make run, make test. Everything else is for those who build it.
export CGO_ENABLED := 0
# The encoder's vector instructions, where the compiler has them, and counting bits without asking each
# time whether the processor can (each since 2009); plain go build works without.
ifeq ($(shell go env GOARCH),amd64)
export GOAMD64 := v2
ifneq ($(shell GOEXPERIMENT=simd go env GOEXPERIMENT 2>/dev/null),)
export GOEXPERIMENT := simd
endif
endif

UI_SOURCES := $(shell find ui/css ui/ts ui/icons -type f 2>/dev/null) ui/build.mjs ui/package.json ui/package-lock.json

.PHONY: run demo test build assets check clean

## run: everything needed, then serve on http://127.0.0.1:8080 with SQLite in ./data
run: assets
	go run . serve --signin-link

## demo: the same with sample data in both languages and a mail viewer
demo: assets
	HEED_DATABASE__URL=sqlite:data/demo.db go run . demo

## test: everything needed, then every test; ends with a line of counts
test:
	bash test/run.sh

## build: ./bin/heed, static, without cgo
build: assets
	go build -trimpath -ldflags "-s -w" -o bin/heed .

## assets: the styles and scripts that the binary embeds
assets: ui/dist/manifest.json

ui/dist/manifest.json: $(UI_SOURCES)
	@command -v npm >/dev/null || { echo "Node.js with npm is needed once, to build the pages' styles and scripts: https://nodejs.org" >&2; exit 1; }
	cd ui && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs
	@touch $@

clean:
	rm -rf bin ui/dist/* ui/node_modules
	git checkout -- ui/dist/.gitkeep
