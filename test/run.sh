#!/usr/bin/env bash
# Installs what the tests need where it may, says aloud what it could not, and
# runs every test. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
missing=()

# Debian packages: a browser, a PostgreSQL server, a C compiler for the race detector, a Chinese font.
packages() {
  local want=()
  command -v chromium >/dev/null || want+=(chromium)
  fc-list 2>/dev/null | grep -qi 'noto.*cjk' || want+=(fonts-noto-cjk fontconfig)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || want+=(postgresql)
  command -v gcc >/dev/null || want+=(gcc libc6-dev)
  [ ${#want[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing ${want[*]}"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${want[@]}") >/dev/null || missing+=("${want[@]}")
  else
    missing+=("${want[@]}")
  fi
}

npm_ci() { npm ci --ignore-scripts --no-audit --no-fund --silent --prefix "$1" || missing+=("$1"); }

say "tools"
packages
if command -v npm >/dev/null; then
  make --no-print-directory assets
  npm_ci test/githubstand
  npm_ci test/browser
  npm_ci test/inspector
else
  missing+=("Node.js: pages, GitHub stand-in, browser")
fi

# As make run does: the encoder's vector instructions, where the compiler has them.
if [ "$(go env GOARCH)" = amd64 ]; then export GOAMD64=v2; fi
if [ "$(go env GOARCH)" = amd64 ] && GOEXPERIMENT=simd go version >/dev/null 2>&1; then export GOEXPERIMENT=simd; fi

say "format and vet"
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "gofmt these: $unformatted"; exit 1; }
go vet ./...
go tool staticcheck ./...
if command -v npm >/dev/null; then (cd ui && npx --no-install tsc --noEmit); fi

status=0
go build -o bin/withpostgres ./test/postgres/cmd/withpostgres
tests() { # NAME FLAGS...: the tests of what goes on
  bin/withpostgres go tool gotestsum --format pkgname-and-test-fails --hide-summary=skipped --jsonfile "bin/tests-$1.json" -- -shuffle=on -timeout 60m "${@:2}" || status=$?
}

say "tests on SQLite and PostgreSQL"
CGO_ENABLED=0 HEED_TEST_SCHEDULES=200 tests all ./...

# Once more with the race detector, which takes many times as long: walks are shorter, and what has
# no two goroutines that share anything, or asks whole processes, stays out.
if command -v gcc >/dev/null; then
  say "the same for races"
  CGO_ENABLED=1 tests races -race -short $(go list ./... | grep -Ev '/(app/(bench|cli|demo|eval)|dedup/(asks|chinese|cluster|learn|leiden|linkage)|redact|test/e2e|ui)(/|$)')
else
  missing+=("gcc: the race detector")
fi

for m in "${missing[@]}"; do echo "SKIPPED: not on this machine and not installed: $m"; done
exit $status
