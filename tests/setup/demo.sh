#!/bin/bash
# `make demo`: the whole thing on this machine, on ports that are free, gone
# without a trace when the dashboard is left.
#
#   demo.sh BUILD      BUILD holds flightdashd and flightdash
#
# STACK=1 takes the real Kafka and Elasticsearch of tests/stack as well.
# Without a terminal it prints the table of live flights once.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/flightdash-demo.XXXXXX")
pids=()
exec {nap}<> <(:) # nothing ever comes: a read with a time-out waits

# Ends one process and waits for it: first kindly, after 5 s not.
end() {
    local pid=$1 waited=0
    kill "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null && [ $waited -lt 100 ]; do
        read -r -t 0.05 -u "$nap" || true
        waited=$((waited + 1))
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

finish() {
    local status=$? i
    trap - EXIT INT TERM HUP
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        end "${pids[i]}"
    done
    if [ -n "${STACK:-}" ]; then
        "$here/tests/stack/down" --state "$work/stack" >/dev/null 2>&1 || true
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# A port nobody listens on (somebody may still take it: the starters retry).
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# Waits until grep finds $2 in file $1, while process $3 lives; 15 s at most.
await_line() {
    local waited=0
    until grep -q "$2" "$1" 2>/dev/null; do
        if ! kill -0 "$3" 2>/dev/null || [ $waited -ge 300 ]; then
            return 1
        fi
        read -r -t 0.05 -u "$nap" || true
        waited=$((waited + 1))
    done
}

start_redis() {
    local try
    for try in 1 2 3 4 5; do
        redis_port=$(free_port)
        redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no \
            --dir "$work" >"$work/redis.log" 2>&1 &
        started=$!
        if await_line "$work/redis.log" 'Ready to accept connections' $started; then
            pids+=("$started")
            return 0
        fi
        end $started
    done
    echo "demo: Redis did not start after $try tries:" >&2
    tail -n 5 "$work/redis.log" >&2
    return 1
}

start_prometheus() {
    cat >"$work/prometheus.yml" <<EOF
global: {scrape_interval: 2s}
scrape_configs:
  - job_name: flightdashd
    static_configs: [{targets: ["$1"]}]
EOF
    prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
        --web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
    started=$!
    pids+=("$started")
    await_line "$work/prometheus.log" 'ready to receive web requests' $started || {
        echo 'demo: Prometheus did not start; the metrics view will say so' >&2
    }
}

# Starts flightdashd on the address given; the last field of `ready` tells all.
start_server() {
    : >"$work/flightdashd.log"
    "$build/flightdashd" --listen "$1" --source 'sim:?aircraft=300&emergencies=2' \
        --redis "redis://127.0.0.1:$redis_port" \
        --prometheus "http://127.0.0.1:$prometheus_port" \
        "${server_options[@]}" 2>"$work/flightdashd.log" &
    started=$!
    await_line "$work/flightdashd.log" '^ready ' $started
}

server_options=()
if [ -n "${STACK:-}" ]; then
    "$here/tests/stack/up" --state "$work/stack" kafka elasticsearch | tee "$work/stack.env"
    kafka=$(sed -n 's/^KAFKA=//p' "$work/stack.env")
    elasticsearch=$(sed -n 's/^ELASTICSEARCH=//p' "$work/stack.env")
    server_options+=(--kafka "$kafka" --create-topics --elasticsearch "$elasticsearch"
        --log-format ecs --log-file "$work/flightdashd.ecs.log")
fi

prometheus_port=$(free_port)
start_redis
if ! start_server 127.0.0.1:8080 && ! start_server 127.0.0.1:0; then
    echo 'demo: flightdashd did not start:' >&2
    tail -n 10 "$work/flightdashd.log" >&2
    exit 1
fi
pids+=("$started")
http=$(sed -n 's/^ready .*http=\([^ ]*\).*/\1/p' "$work/flightdashd.log")
echo "$(grep '^ready ' "$work/flightdashd.log") redis=127.0.0.1:$redis_port" \
    "prometheus=127.0.0.1:$prometheus_port"
start_prometheus "$http"

if [ -t 0 ] && [ -t 1 ]; then
    "$build/flightdash" "ws://$http/ws"
else
    "$build/flightdash" --once "ws://$http/ws"
fi
