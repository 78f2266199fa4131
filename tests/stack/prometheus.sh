#!/bin/bash
# Prometheus. DIR/prometheus.yml is its configuration where there is one (the default scrapes
# nothing); POST URL/-/reload reads it again.
#
#   prometheus.sh get 3              Prometheus 3 and promtool, built from the Go module: 5 minutes, so
#                                    only with FLIGHTDASH_STACK_BUILD=1 unless it is in the cache
#   prometheus.sh start DIR [major=3]
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$(dirname "$0")/server.sh"

module=github.com/prometheus/prometheus
module_version=v0.316.0
version_3=3.16.0
home_3=$cache/prometheus-$version_3

# Go's own caches would be 13 GB: they live beside what is built and go with it.
build_prometheus_3()
{
    local new=$1 stamp=github.com/prometheus/common/version.Version status=0
    GOBIN=$new GOPATH=$new/go GOCACHE=$new/go/build GOFLAGS="-p=2 -buildvcs=false -modcacherw" \
        CGO_ENABLED=0 nice go install -trimpath \
        -tags remove_all_sd -ldflags "-s -w -X $stamp=$version_3" \
        "$module/cmd/prometheus@$module_version" "$module/cmd/promtool@$module_version" >&2 ||
        status=1
    rm -rf "$new/go"
    return "$status"
}

# get_server MAJOR: sets program
get_server()
{
    if [ "${1:-2}" = 2 ]; then
        need prometheus
        program=prometheus
        return
    fi
    if [ ! -d "$home_3" ]; then
        need go
        [ "${FLIGHTDASH_STACK_BUILD:-}" = 1 ] ||
            skip "Prometheus $version_3 is not in the cache (FLIGHTDASH_STACK_BUILD=1 builds it)"
        cache_make "prometheus-$version_3" build_prometheus_3 ||
            skip "Prometheus $version_3 could not be built (Go module proxy)"
    fi
    program=$home_3/prometheus
}

answers()
{
    curl -sf -o /dev/null --max-time 2 "$1"
}

run_prometheus()
{
    local dir=$1 port=$2
    [ -e "$dir/prometheus.yml" ] || printf 'global: {scrape_interval: 1s}\n' >"$dir/prometheus.yml"
    launch "$dir" "$program" --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
        --web.listen-address="127.0.0.1:$port" --web.external-url="http://127.0.0.1:$port/" \
        --web.enable-lifecycle --web.enable-admin-api --storage.tsdb.retention.time=2h \
        --scrape.discovery-reload-interval=100ms
    await "$dir" answers "http://127.0.0.1:$port/-/ready"
}

start_server()
{
    local dir=$1 word=${2:-} port
    case $word in
    major=[23]) printf '%s\n' "${word#*=}" >"$dir/settings" ;;
    '') ;;
    *) die "unknown setting $word" ;;
    esac
    need curl
    get_server "$(cat "$dir/settings" 2>/dev/null || echo 2)"
    start_on_ports "$dir" 1 run_prometheus "$dir" || die "Prometheus did not start"
    read -r port <"$dir/ports"
    printf '%s\n' "PID=$(pid_of "$dir")" "PORT=$port" "URL=http://127.0.0.1:$port"
}

stop_server()
{
    stop_process "$1"
}

case ${1:-} in
get) get_server "${2:-2}" ;;
*) server_main "$@" ;;
esac
