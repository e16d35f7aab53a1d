# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# Cases: finding them, running many in one machine, and what came of each.
#
# A case is cases/<area>/NNN-attack-outcome.sh, a shell script for the guest. Four comments in it matter here:
#	# timeout: SECONDS    how long it may take (else 120)
#	# boot: ARGS           it needs a machine with these kernel arguments (else DEFAULT_BOOT)
#	# engine: fresh        it begins without programs in the kernel (else they are loaded, with nothing in force)
#	# disk: NAME           it needs a machine with that disk (else none)

readonly CASE_TIMEOUT_S=120
readonly BOOT_TIMEOUT_S=240
# What the kernel needs to free what a case had loaded, on a loaded host.
readonly GRACE_S=90

# case_setting CASE KEY DEFAULT
case_setting() {
	local value
	value=$(sed -n "s/^# $2: *//p" "$cases_dir/$1.sh" | head -n 1)
	echo "${value:-$3}"
}

all_cases() {
	(cd "$cases_dir" && find . -mindepth 2 -name '[0-9]*-*.sh' -printf '%P\n') | sed 's/\.sh$//' | sort
}

# Cases that are named by the arguments: areas, cases, files or the beginnings of names. None: all.
select_cases() {
	local wanted name found
	if (($# == 0)); then
		all_cases
		return
	fi
	for wanted; do
		wanted=${wanted%.sh}
		wanted=${wanted##*selftests-vm/cases/}
		found=
		while read -r name; do
			if [[ $name == "${wanted%/}"/* || $name == "$wanted"* ]]; then
				echo "$name"
				found=yes
			fi
		done < <(all_cases)
		[[ -n $found ]] || die "no case is named '$wanted'"
	done | sort -u
}

# The reason why a case is not run on a kernel, or nothing.
exclusion() {
	awk -v kernel="$1" -v name="$2" '$1 == kernel && $2 == name { $1 = $2 = ""; print substr($0, 3) }' \
		"$vm_dir/exclusions.txt"
}

# say_result KERNEL CASE VERDICT MILLISECONDS [REASON]
say_result() {
	local word="not ok" reason=${5-}
	[[ $3 != passed ]] || word=ok
	printf '%s %s %s (%d.%ds)%s\n' "$word" "$1" "$2" $(($4 / 1000)) $(($4 % 1000 / 100)) \
		"${reason:+: ${reason:0:200}}"
	echo "$3 $1 $2" >>"$work_dir/results"
}

# Keeps what is known about a failure.
keep_failure() {
	local kernel=$1 name=$2 console=$3 output=$4
	local dir=$results_dir/$kernel/$name
	mkdir -p "$dir"
	cp "$console" "$dir/console.log"
	cp "$output" "$dir/output.log"
}

first_complaint() {
	grep -a -m 1 -o -E 'Kernel panic.*|BUG:.*|Oops:.*|.*detected stall.*|blocked for more than.*' "$1" | tr -d '\r'
}

# run_batch KERNEL BOOT DISK DIR CASE...: runs cases in one machine and says what came of those that were begun.
# Leaves in left[] those that were not, for another machine. Fails when the machine came to none.
run_batch() {
	local kernel=$1 boot=$2 disk=$3 dir=$4 line name='' verdict ms reason begin_ms machine output_fd status=0
	local timeout_s=$BOOT_TIMEOUT_S
	local -a qemu_args
	shift 4
	mapfile -t qemu_args < <(disk_args "$disk")
	left=("$@")
	mkdir -p "$dir/tree/guest"
	for name; do
		echo "$name $(case_setting "$name" timeout "$CASE_TIMEOUT_S") $(case_setting "$name" engine loaded)"
	done >"$dir/tree/guest/list"
	{
		cat "$work_dir/image" "$(kernel_modules "$kernel")"
		pack_tree "$dir/tree"
	} >"$dir/image"

	: >"$dir/console"
	exec {output_fd}< <(run_machine "$kernel" "$dir/image" "$dir/console" /dev/null 7200 "$boot" \
		"${qemu_args[@]}" 2>&1)
	machine=$!
	name=
	reason=
	: >"$dir/output"
	while true; do
		read -r -t "$timeout_s" -u "$output_fd" line || {
			status=$?
			break
		}
		case $line in
		"begin "*)
			name=${line#begin }
			begin_ms=$(now_ms)
			left=("${left[@]:1}")
			timeout_s=$(($(case_setting "$name" timeout "$CASE_TIMEOUT_S") + GRACE_S))
			: >"$dir/output"
			;;
		"| "*) echo "${line#| }" >>"$dir/output" ;;
		"end "*)
			read -r _ _ verdict ms <<<"$line"
			reason=
			if [[ $verdict != passed ]]; then
				reason=$(grep -m 1 '^FAIL: ' "$dir/output")
				keep_failure "$kernel" "$name" "$dir/console" "$dir/output"
			fi
			say_result "$kernel" "$name" "$verdict" "$ms" "${reason#FAIL: }"
			name=
			timeout_s=$BOOT_TIMEOUT_S
			;;
		"stop "*) echo "# ${line#stop }: starting another machine" ;;
		*) echo "$line" >>"$dir/output" ;;
		esac
	done
	# Above 128 the read timed out: the machine is up but says nothing. Else it has ended by itself.
	if ((status > 128)); then
		kill "$machine"
		reason="the machine hung"
	else
		reason="the machine died"
	fi
	wait "$machine" 2>/dev/null
	exec {output_fd}<&-
	if [[ -n $name ]]; then
		reason+=": $(first_complaint "$dir/console")"
		keep_failure "$kernel" "$name" "$dir/console" "$dir/output"
		say_result "$kernel" "$name" failed $(($(now_ms) - begin_ms)) "${reason%: }"
	fi
	((${#left[@]} < $#))
}

# Runs cases of one kernel, command line and disk, in as many machines as it takes.
run_cases() {
	local kernel=$1 boot=$2 disk=$3 dir=$4 batch=0 name
	shift 4
	left=("$@")
	while ((${#left[@]} > 0)); do
		batch=$((batch + 1))
		run_batch "$kernel" "$boot" "$disk" "$dir/$batch" "${left[@]}" && continue
		for name in "${left[@]}"; do
			keep_failure "$kernel" "$name" "$dir/$batch/console" "$dir/$batch/output"
			say_result "$kernel" "$name" failed 0 "the machine did not come up"
		done
		return
	done
}

# Divides the cases of each kernel by the command line and the disk they need and into parts, and runs as many machines at
# once as jobs says.
run_all() {
	local jobs=$1 kernel name boot disk reason part parts key running=0
	local -a cases=()
	local -A groups=()
	shift
	mapfile -t cases < <(select_cases "$@")
	((${#cases[@]} > 0)) || exit "$EXIT_HARNESS"
	for disk in $(for name in "${cases[@]}"; do case_setting "$name" disk none; done | sort -u); do
		[[ $disk == none ]] || disk_make "$disk" || exit "$EXIT_HARNESS"
	done
	# Those that load the programs themselves first, so that for the others they are loaded once.
	mapfile -t cases < <(for name in "${cases[@]}"; do
		echo "$(case_setting "$name" engine loaded) $name"
	done | sort -s -k 1,1 | cut -d ' ' -f 2)
	# So many for each kernel that nobody waits long for the slowest.
	parts=$jobs
	for kernel in "${kernels[@]}"; do
		part=0
		for name in "${cases[@]}"; do
			reason=$(exclusion "$kernel" "$name")
			if [[ -n $reason ]]; then
				echo "excluded $kernel $name: $reason"
				continue
			fi
			echo "$kernel $name" >>"$work_dir/expected"
			boot=$(case_setting "$name" boot "$DEFAULT_BOOT")
			disk=$(case_setting "$name" disk none)
			groups["$kernel $((part++ % parts)) $disk $boot"]+="$name "
		done
	done
	for key in "${!groups[@]}"; do
		read -r kernel part disk boot <<<"$key"
		read -r -a cases <<<"${groups[$key]}"
		if ((running >= jobs)); then
			wait -n
			running=$((running - 1))
		fi
		run_cases "$kernel" "$boot" "$disk" "$(mktemp -d "$work_dir/group.XXXXXX")" "${cases[@]}" &
		running=$((running + 1))
	done
	wait
}

# Every case that was to be run and has not passed has failed, whatever became of it.
count_results() {
	local kernel name passed=0 failed=0
	touch "$work_dir/results" "$work_dir/expected"
	while read -r kernel name; do
		if grep -q -x -F "passed $kernel $name" "$work_dir/results"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
		fi
	done <"$work_dir/expected"
	if ((failed > 0)); then
		echo "logs of what failed: $results_dir"
	fi
	echo "$passed passed, $failed failed"
	((failed == 0 && passed > 0))
}
