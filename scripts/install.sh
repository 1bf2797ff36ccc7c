#!/bin/sh
# Makes node_modules what package-lock.json says (Node 24 included). Silent, and quick when nothing is to do; two at once take turns.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"

# npm writes node_modules/.package-lock.json last: without it an install was cut short.
ready() {
  [ -x node_modules/.bin/node ] && [ -e node_modules/.package-lock.json ] &&
    [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]
}
fail() {
  echo "partner-intake: $1" >&2
  exit 1
}
ready && exit 0

# `npm run` and `npx` put node_modules/.bin first, whose node is about to be replaced: use the machine's own.
PATH=$(printf %s "$PATH" | tr : '\n' | grep -v '/node_modules/\.bin/*$' | paste -s -d : -)
command -v node >/dev/null || fail 'Node.js is missing: install Node 20 or newer with npm (https://nodejs.org)'
command -v npm >/dev/null || fail 'npm is missing: install the npm that belongs to your Node.js (https://nodejs.org)'
version=$(node -p process.versions.node)
[ "${version%%.*}" -ge 20 ] || fail "Node $version is too old: install Node 20 or newer (https://nodejs.org)"

# The lock is a symbolic link to the holder's pid: made atomically, and it tells a dead holder's lock from a live one.
mkdir -p var
lock=var/install.lock
waited=0
until ln -s "$$" "$lock" 2>/dev/null; do
  holder=$(readlink "$lock" || true)
  if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null && ! ps -p "$holder" >/dev/null 2>&1; then
    # mv first: of two that see a dead holder, only one takes its lock away.
    mv "$lock" "$lock.$$" 2>/dev/null && rm -f "$lock.$$"
    continue
  fi
  [ "$waited" -lt 600 ] || fail "another installation (process $holder) holds $root/$lock: end it or remove that file"
  waited=$((waited + 1))
  sleep 1
done
log=var/install.$$.log
trap 'rm -f "$lock" "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
ready && exit 0

[ ! -t 2 ] || echo 'partner-intake: installing dependencies, this once' >&2
# --include=dev: `npm run check` and `npm test` use the same folder, whatever NODE_ENV says.
npm ci --include=dev --loglevel=error --no-progress --no-fund --no-audit >"$log" 2>&1 </dev/null || {
  cat "$log" >&2
  fail 'npm ci failed (its words are above)'
}
# A lock file dated in the future (a copied tree, a wrong clock) would otherwise be installed again at every start.
ready || touch -r package-lock.json node_modules/.package-lock.json
