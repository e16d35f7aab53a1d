# SPDX-License-Identifier: GPL-2.0-or-later
# disk: servers
# timeout: 300
# Debian's nginx, PostgreSQL and dnsmasq, with curl, psql, Python and a program in Go, do their work in containers under the
# shipped policy 30-baseline, and nothing is recorded of it.
. /guest/lib.sh
. /guest/debian.sh

readonly POSTGRES=/usr/lib/postgresql/15/bin
readonly CONTAINER=/machine.slice/libpod-0123

cat >/run/case/nginx.conf <<-'END'
	pid /run/case/nginx.pid;
	error_log /run/case/nginx.log;
	events {}
	http {
		access_log off;
		server {
			listen 10.0.0.80:80;
			location / { return 200 "from nginx\n"; }
			location /answer { return 200 '{"answer": [42]}'; }
		}
	}
END
cat >/run/case/dnsmasq.conf <<-'END'
	bind-interfaces
	no-resolv
	no-hosts
	pid-file=/run/case/dnsmasq.pid
	listen-address=10.0.0.53
	address=/web.test/10.0.0.80
END
# Threads, processes, shared memory, sockets, signals.
cat >/run/case/work.py <<-'END'
	import http.server, json, multiprocessing, os, signal, subprocess, threading, urllib.request

	class Handler(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        self.send_response(200)
	        self.end_headers()
	        self.wfile.write(b"20")

	    def log_message(self, *words):
	        pass

	if __name__ == "__main__":
	    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler)
	    threading.Thread(target=server.serve_forever, daemon=True).start()
	    served = int(urllib.request.urlopen("http://127.0.0.1:8000/").read())
	    answer = json.load(urllib.request.urlopen("http://web.test/answer"))["answer"][0]
	    with multiprocessing.Pool(2) as pool:
	        squares = sum(pool.map(abs, range(-4, 0)))
	    child = subprocess.Popen(["sleep", "1000"])
	    child.send_signal(signal.SIGTERM)
	    print(served + answer + squares, child.wait() == -signal.SIGTERM)
END
cat >/run/case/hba.conf <<-'END'
	local all all           peer
	host  all all 10.0.0.0/8 trust
END

# as_postgres COMMAND...: in the container.
as_postgres() {
	in_debian_cgroup $CONTAINER setpriv --reuid postgres --regid postgres --clear-groups "$@"
}

database_is_ready() {
	grep -q 'ready to accept connections' /run/case/database.log
}

container_is_empty() {
	[ -z "$(cat /sys/fs/cgroup$CONTAINER/cgroup.procs)" ]
}

works() {
	in_debian_cgroup $CONTAINER nginx -c /run/case/nginx.conf || fail "nginx does not start"
	in_debian_cgroup $CONTAINER dnsmasq -C /run/case/dnsmasq.conf || fail "dnsmasq does not start"
	: >/run/case/database.log
	as_postgres "$POSTGRES/postgres" -D /etc/postgresql/15/main -c hba_file=/run/case/hba.conf \
		-c listen_addresses=10.0.0.54 -c ssl=off -c fsync=off -c shared_buffers=16MB >>/run/case/database.log 2>&1 &
	wait_until "the database" database_is_ready
	expect_equal "curl" "$(in_debian_cgroup $CONTAINER curl --silent --show-error http://web.test/)" "from nginx"
	expect_equal "psql" "$(as_postgres "$POSTGRES/psql" -X -t -A --command 'SELECT sum(i) FROM generate_series(1, 100) AS i')" 5050
	expect_equal "psql, tcp" "$(as_postgres "$POSTGRES/psql" -X -t -A --host 10.0.0.54 --command 'SELECT 6 * 7')" 42
	expect_equal "python" "$(in_debian_cgroup $CONTAINER python3 /run/case/work.py)" "72 True"
	expect_equal "go" "$(in_debian_cgroup $CONTAINER gron http://web.test/answer | tail -n 1)" "json.answer[0] = 42;"
	as_postgres "$POSTGRES/psql" -X -q --command 'CREATE TABLE t (i int)' --command 'DROP TABLE t' --command 'VACUUM'
	# The servers' own signals: a reload, cancelling a query, an orderly end.
	in_debian_cgroup $CONTAINER nginx -c /run/case/nginx.conf -s reload
	as_postgres "$POSTGRES/psql" -X -q --command "SET statement_timeout = 50" --command 'SELECT pg_sleep(1000)' 2>/dev/null &&
		fail "the query was not cancelled"
	in_debian_cgroup $CONTAINER nginx -c /run/case/nginx.conf -s quit
	kill "$(in_debian cat /run/case/dnsmasq.pid)" "$(in_debian head -n 1 /run/postgresql/15-main.pid)"
	wait_until "the end of the servers" container_is_empty
}

addresses() {
	local address
	for address in 10.0.0.53 10.0.0.54 10.0.0.80; do
		ip addr "$1" "$address/32" dev lo
	done
}

debian_start
addresses add
cgroup $CONTAINER
in_debian mkdir -p /run/postgresql
in_debian chown postgres /run/postgresql
printf 'nameserver 10.0.0.53\n' >"/proc/$debian/root/etc/resolv.conf"
works

cp /guest/policies/30-baseline.ini "$policies/"
bailiff_start
works
expect_records 0 record=access
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
expect_denied in-cgroup $CONTAINER bpf map
expect_denied in-cgroup $CONTAINER open-write /proc/sys/kernel/core_pattern
addresses del
