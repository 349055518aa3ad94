#!/bin/sh
# Runs Wardian with the Node that came with it, wherever both lie and by whatever link they were called.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$home/runtime/node" "$home/app/bin/wardian.mjs" "$@"
