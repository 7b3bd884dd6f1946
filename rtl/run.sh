#!/usr/bin/env bash
# Simulates the cell in rtl/src with what rnnsim export-rtl has written, and leaves a trace that rnnsim reads.
# usage: rtl/run.sh EXPORT OUT [--simulator verilator|icarus] [--build FOLDER] [--fault N] [--fault-node N] [--seed N] [--frames N]
#                   [--build-only]
# EXPORT is the exported folder, OUT the folder to make. FOLDER keeps what was built, for further runs of the same model;
# without it a temporary one is used. Faults are numbered in src/fault_pkg.sv; a fault of a quantization point applies to all nodes or
# to that of --fault-node (N_… in the exported rnnsim_pkg.sv).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
usage() { sed -n '3,4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
(($# >= 2)) || usage
export_dir="$(cd "$1" && pwd)"
out="$(realpath -m "$2")"
shift 2
simulator=verilator build= build_only= fault=0 node=63 seed=1 frames=
while (($#)); do
	case "$1" in
	--simulator) simulator="$2"; shift ;;
	--build) build="$(realpath -m "$2")"; shift ;;
	--build-only) build_only=1 ;;
	--fault) fault="$2"; shift ;;
	--fault-node) node="$2"; shift ;;
	--seed) seed="$2"; shift ;;
	--frames) frames="$2"; shift ;;
	*) usage ;;
	esac
	shift
done
if [[ -z $build ]]; then
	build="$(mktemp -d)"
	trap 'rm -rf "$build"' EXIT
fi
mkdir -p "$build"
sources=("$here"/src/{fault_pkg,lane_pkg,arith_pkg}.sv "$export_dir/rnnsim_pkg.sv" "$here"/src/{rom,lstm_lane,lstm_cell,lstm_top}.sv)
graph="$(sed -n 's/^ *"graph": "\(.*\)",$/\1/p' "$export_dir/manifest.json" | head -n 1)"

case "$simulator" in
verilator)
	if [[ ! -x $build/Vlstm_top ]]; then
		verilator --cc --exe --build -j 2 -Wall -O3 --x-assign fast --x-initial fast -CFLAGS -std=c++17 -MAKEFLAGS "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1" \
			--top-module lstm_top -GRUNTIME_FAULTS=1\'b1 --Mdir "$build" -o Vlstm_top "${sources[@]}" "$here/bench/verilator.cpp" >"$build/log" 2>&1 ||
			{ cat "$build/log" >&2; exit 1; }
	fi
	[[ -z $build_only ]] || exit 0
	run=("$build/Vlstm_top" --graph "$graph" --out "$out" --fault "$fault" --fault-node "$node" --seed "$seed" ${frames:+--frames "$frames"})
	;;
icarus)
	if [[ ! -f $build/lstm.vvp ]]; then
		iverilog -g2012 -o "$build/lstm.vvp" -s icarus_tb "${sources[@]}" "$here/bench/icarus_tb.sv"
	fi
	[[ -z $build_only ]] || exit 0
	run=(vvp -n "$build/lstm.vvp" "+graph=$graph" "+out=$out" "+fault=$fault" "+fault_node=$node" "+seed=$seed" ${frames:+"+frames=$frames"})
	;;
*) usage ;;
esac
mkdir -p "$out/$graph/nodes"
(cd "$export_dir" && "${run[@]}")
cp "$export_dir/manifest.json" "$out/"
