#!/bin/sh
# Runs rnnsim, ONNX Runtime and PyTorch on the same LSTMs in turn, and prints one table beside the machine's limit.
#
#   bench/run.sh [-shapes S1,S3] [-rounds 9] [-seconds 0.3] [-pause 0] [-alone] [-prefix "nice -n -10"]
#
# ONNX Runtime comes from npm (into bench/.onnxruntime, which git ignores), PyTorch from Debian's python3-torch. What is
# missing is left out of the table, with the reason.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=1.30.0
modules=$here/.onnxruntime
if command -v node >/dev/null && command -v npm >/dev/null; then
	if ! grep -q "\"version\": \"$version\"" "$modules/node_modules/onnxruntime-node/package.json" 2>/dev/null; then
		mkdir -p "$modules"
		# No script of a package is run: the library for the processor is in the package itself.
		(cd "$modules" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix . "onnxruntime-node@$version") >&2 ||
			echo "run.sh: npm could not install onnxruntime-node $version; its columns will be missing" >&2
	fi
else
	echo "run.sh: there is no node or no npm; the columns of ONNX Runtime will be missing" >&2
fi
program=$(mktemp)
trap 'rm -f "$program"' EXIT INT TERM
(cd "$here/.." && go build -o "$program" ./bench/compare)
"$program" -onnxruntime "$modules" -workers "$here" "$@"
