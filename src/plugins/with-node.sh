#!/bin/sh
# Runs a TypeScript source as it is, on Node 22.18 or newer: the one that setup chose ($GREENLIGHT_NODE), otherwise the one on PATH,
# otherwise the one that setup put into the cache. The engine starts the plugins through this. Usage: with-node.sh MAIN.ts [ARGS]
new_enough() { [ -x "$1" ] && "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>22||a===22&&b>=18?0:1)' 2>/dev/null; }
# Compiled code is kept: the start, which every `up` waits for, takes a third less time.
if [ -z "$NODE_COMPILE_CACHE" ] && [ -n "$XDG_CACHE_HOME$HOME" ]; then
  export NODE_COMPILE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/greenlight/compiled"
fi
# Setup has tried its own choice already: starting a Node only to ask its version costs 40 ms of every run.
if [ -x "$GREENLIGHT_NODE" ]; then exec "$GREENLIGHT_NODE" --disable-warning=ExperimentalWarning "$@"; fi
for node in "$(command -v node)" "${XDG_CACHE_HOME:-$HOME/.cache}"/greenlight/node/*/bin/node; do
  if new_enough "$node"; then exec "$node" --disable-warning=ExperimentalWarning "$@"; fi
done
echo "Greenlight's plugins need Node 22.18 or newer; run \`npm start -- doctor\` to see how to get it." >&2
exit 1
