#!/bin/bash
# `make demo`: the whole thing on this machine, on ports that are free, gone
# without a trace when the dashboard is left.
#
#   demo.sh BUILD      BUILD holds flightdashd and flightdash
#
# STACK=1 takes the real Kafka and Elasticsearch of tests/stack as well.
# Without a terminal it prints the table of live flights once.
# shellcheck source-path=SCRIPTDIR source=../stack/server.sh
. "$(dirname "$0")/../stack/server.sh"

build=$(cd "$1" && pwd)
tests=$(dirname "$stack_dir")
work=$(mktemp -d "${TMPDIR:-/tmp}/flightdash-demo.XXXXXX")

# While this script holds 8 open it lives; when it is gone, whatever ended it, `sweep`
# kills what was started under $work and removes that.
exec 8> >(trap '' INT TERM HUP && exec "$stack_dir/sweep" "$work")
sweep=$!

finish()
{
    local status=$? name
    trap - EXIT
    trap '' INT TERM HUP
    for name in flightdash flightdashd; do
        stop_process "$work/$name"
    done
    exec 8>&-
    wait "$sweep" || true
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# server NAME KEY: starts NAME.sh and prints one of its facts.
server()
{
    "$stack_dir/$1.sh" start "$work/$1" 8>&- | sed -n "s/^$2=//p"
}

# Starts flightdashd on an address; waits for its `ready` line.
run_flightdashd()
{
    mkdir -p "$work/flightdashd"
    (
        exec 8>&-
        launch "$work/flightdashd" "$build/flightdashd" --listen "$1" "${options[@]}"
    )
    await "$work/flightdashd" grep -q '^ready ' "$work/flightdashd/log"
}

scrape()
{
    cat >"$work/prometheus/prometheus.yml" <<EOF
global: {scrape_interval: 2s}
scrape_configs:
  - job_name: flightdashd
    static_configs: [{targets: ["$1"]}]
EOF
    curl -sf -X POST "$prometheus/-/reload" >/dev/null
}

# The dashboard shares this script's terminal; it waits in the background, where the
# traps above still work.
show()
{
    local status=0
    mkdir -p "$work/flightdash"
    "$build/flightdash" "$@" <&0 8>&- {idle}>&- &
    printf '%s %s\n' $! "$(start_time $! || echo 0)" >"$work/flightdash/pid"
    wait $! || status=$?
    rm -f "$work/flightdash/pid"
    return $status
}

aircraft=300
redis=$(server redis URL)
prometheus=$(server prometheus URL)
options=(--source "sim:?aircraft=$aircraft&emergencies=2" --redis "$redis" --prometheus "$prometheus")
if [ -n "${STACK:-}" ]; then
    kafka=$(server kafka BOOTSTRAP)
    elasticsearch=$(server elasticsearch URL)
    options+=(--kafka "$kafka" --create-topics --elasticsearch "$elasticsearch"
        --log-format ecs --log-file "$work/ecs.log" --log-level debug)
    (
        exec 8>&-
        mkdir -p "$work/shipper"
        launch "$work/shipper" "$tests/setup/ship_logs.py" "$work/ecs.log" "$elasticsearch"
    )
fi
if ! run_flightdashd 127.0.0.1:8080 2>/dev/null && ! run_flightdashd 127.0.0.1:0; then
    echo 'demo: flightdashd did not start:' >&2
    tail -n 10 "$work/flightdashd/log" >&2
    exit 1
fi
ready=$(grep '^ready ' "$work/flightdashd/log")
http=${ready#* http=}
http=${http%% *}
echo "$ready redis=${redis#*//} prometheus=${prometheus#*//}${elasticsearch:+ elasticsearch=${elasticsearch#*//}}"
scrape "$http"

# The aircraft take some ticks on their way through Kafka.
has_flights()
{
    curl -sf "http://$http/metrics" |
        awk -v most=$((aircraft * 9 / 10)) \
            '$1 == "flightdash_flights" && $2 >= most { found = 1 } END { exit !found }'
}
await "$work/flightdashd" has_flights

if [ -t 0 ] && [ -t 1 ]; then
    show "ws://$http/ws"
else
    show --once "ws://$http/ws"
fi
