#!/usr/bin/env bash
# Ends what start.sh DIR has started.
for name in slurmd slurmctld munged; do
	[[ -f $1/$name.pid ]] || continue
	pid="$(cat "$1/$name.pid")"
	kill "$pid" 2>/dev/null
	for _ in $(seq 100); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null
done
exit 0
