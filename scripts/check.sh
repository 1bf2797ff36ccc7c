#!/bin/sh
# npm run check: every check at once, the output of each together, exit 1 when any failed.
set -u
cd "$(dirname -- "$0")/.." || exit 1
sh scripts/install.sh || exit 1
PATH=$PWD/node_modules/.bin:$PATH
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

steps='types lint format dead policy'
for step in $steps; do
  { npm run --silent "check:$step" >"$out/$step" 2>&1; echo $? >"$out/$step.exit"; } &
done
wait

failed=0
for step in $steps; do
  if [ "$(cat "$out/$step.exit")" = 0 ]; then
    echo "ok    $step"
  else
    echo "FAIL  $step"
    cat "$out/$step"
    failed=1
  fi
done
exit "$failed"
