#!/usr/bin/env bash
# npm test and npm run test:long [-- vitest arguments]: they run real Dovecot and Redis servers, installed here from apt when missing.
set -euo pipefail
cd "$(dirname "$0")/.."
sh scripts/install.sh
export PATH=$PWD/node_modules/.bin:$PATH

# Debian keeps the server in /usr/sbin, which is not on everybody's PATH.
has() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1" >/dev/null; }
missing=()
has dovecot || missing+=(dovecot-imapd)
has redis-server || missing+=(redis-server)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs packages and leaves no service running or enabled: the tests start their own servers, on free ports.
install_script=$(
  cat <<'ROOT'
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get -qq -o DPkg::Lock::Timeout=120 update
apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "$@"
if [ -d /run/systemd/system ]; then
  for unit in dovecot.service dovecot.socket redis-server.service; do systemctl disable --quiet "$unit" || true; done
fi
ROOT
)

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null || ! { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    echo 'npm test needs the programs dovecot (with IMAP) and redis-server: install them (Debian: dovecot-imapd redis-server; macOS: brew install dovecot redis)' >&2
    exit 1
  fi
  log=$(mktemp)
  as_root sh -euc "$install_script" sh "${missing[@]}" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    echo "npm test: installing ${missing[*]} failed (apt's words are above)" >&2
    exit 1
  }
  rm -f "$log"
fi
exec vitest run "$@"
