# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The process that a hook tells of is left alone until it executes a program: it and no other, and not what it executes.
. /guest/lib.sh
. /guest/oci.sh

# comes NAME CGROUP VERB...: a process that enters it and waits, before it does that; $NAME is its number.
comes() {
	local name=$1 cgroup=$2
	shift 2
	probe in-cgroup "$cgroup" waiting "/run/case/ready-$name" "/run/case/go-$name" "$@" &
	eval "$name=$!"
	wait_until "the process $name" test -e "/run/case/ready-$name"
}

# tell PID: as a runtime's hook.
tell() {
	$HOOK <<-END 2>"$oci_said" || fail "the hook refuses"
		{"ociVersion": "1.0", "id": "web", "pid": $1, "status": "created", "bundle": "/run/case/bundle"}
	END
	[ ! -s "$oci_said" ] || fail "the hook said: $(cat "$oci_said")"
}

# ends NAME CODE: it goes on, and that is its exit code.
ends() {
	: >"/run/case/go-$1"
	eval "expect_exit $2 \$$1"
}

mkdir /run/case/bundle
echo '{}' >/run/case/bundle/config.json
secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
	deny = write /srv/**
END
bailiff_start
cgroup /web /web/payload

comes untold /web open-read /srv/secret
comes told /web each open-read /srv/secret also open-write /srv/secret
comes executes /web as /usr/bin/probe open-read /srv/secret
comes others /web open-read /srv/secret
# shellcheck disable=SC2154 # by comes
tell "$told"
ends told 0
ends untold 1
# shellcheck disable=SC2154 # by comes
tell "$executes"
ends executes 1
ends others 1

# Some runtimes make a cgroup of the container's own for its processes.
comes payload /web/payload open-read /srv/secret
comes neighbour /web/payload open-read /srv/secret
# shellcheck disable=SC2154 # by comes
tell "$payload"
ends payload 0
ends neighbour 1
comes late /web/payload open-read /srv/secret
ends late 1
expect_records 5 operation=open verdict=deny enforced=true $(rule 10-web 'deny = read /srv/secret')
expect_equal "records" "$(count_records record=access)" 5

# The kernel has forgotten the number: who has it next is told of by nobody.
comes again /web open-read /srv/secret
bailiff_reload
ends again 1
