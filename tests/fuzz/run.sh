#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes for some seconds from the seeds in the tree; what is new goes to a directory beside the program.
#	run.sh FUZZER SEEDS
set -u
fuzzer=$(realpath "$1")
seeds=$2
mkdir -p "$fuzzer.corpus" || exit 1
cd "$fuzzer.corpus" || exit 1
# libFuzzer exits with 77, which meson takes for a skipped test.
"$fuzzer" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=8192 -timeout=20 -print_final_stats=1 . "$seeds" || exit 1
