#!/bin/bash
# Apache Kafka 4 without ZooKeeper: one node, or three (replication 3, two in-sync replicas).
#
#   kafka.sh start DIR [nodes=1|3] [secure=yes]
#   kafka.sh start-node DIR N        one node again (same ports, same data); stop-node DIR N
#
# secure=yes adds two listeners: SASL_SSL (PLAIN and SCRAM, users feeder, reader, admin with the
# password USER-pw) and MTLS (client certificates; CN is the user). Everything is allowed until
# the first access rule names a resource. The plain listener stays, for the tests themselves.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$(dirname "$0")/server.sh"

version=4.3.1
home=$cache/kafka-$version
jvm=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto)
cluster_id=MkU3OEVBNTcwNTJENDM2Qg

# --- get --------------------------------------------------------------------

write_project()
{
    cat <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>stack</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version><exclusions>
<exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion>
<exclusion><groupId>com.fasterxml.jackson.jakarta.rs</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
</dependencies></project>
XML
}

write_log_config()
{
    printf '%s\n' 'status = warn' 'appender.c.type = Console' 'appender.c.name = c' \
        "appender.c.target = $2" 'appender.c.layout.type = PatternLayout' \
        'appender.c.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n' \
        "rootLogger.level = $1" 'rootLogger.appenderRef.c.ref = c'
}

class_path()
{
    local jars=("$1"/lib/*.jar) # sorted: the class archive wants the same order each time
    local IFS=:
    printf '%s\n' "${jars[*]}"
}

# tool HOME CLASS ARGUMENT...: a command of Kafka's own.
tool()
{
    local in=$1
    shift
    "$java" -Xmx128m "${jvm[@]}" -XX:SharedArchiveFile="$home/classes-$java_id.jsa" \
        -Dlog4j2.configurationFile="file:$in/log4j2-tool.properties" -cp "$(class_path "$in")" "$@"
}

# The jars, the two log configurations, and one formatted (empty) data folder to copy:
# formatting takes a second of Java each time.
build_home()
{
    local new=$1
    mkdir "$new/project" "$new/lib"
    write_project >"$new/project/pom.xml"
    maven_copy "$new/project/pom.xml" "$new/lib" || return 1
    write_log_config info SYSTEM_OUT >"$new/log4j2.properties"
    write_log_config error SYSTEM_ERR >"$new/log4j2-tool.properties"
    node_properties 1 "$new/formatted" 9092 9093 1@127.0.0.1:9093 1 >"$new/project/server.properties"
    tool "$new" kafka.tools.StorageTool format -t "$cluster_id" \
        -c "$new/project/server.properties" >&2 || return 1
}

# A class archive (50 MB) halves the start. It holds the paths of the jars, hence made
# in place, by one start and clean stop; without it everything works, slower.
make_archive()
{
    local archive=$home/classes-$java_id.jsa
    [ -e "$archive" ] || {
        flock 9
        [ -e "$archive" ] || train "$archive"
    } 9>"$home.lock"
}

train()
{
    local archive=$1 root stop_timeout_s=120
    root=$(mktemp -d)
    archive_options=(-XX:ArchiveClassesAtExit="$root/classes.jsa")
    if start_nodes "$root" 1 ""; then
        tool "$home" org.apache.kafka.tools.TopicCommand --create --topic training \
            --bootstrap-server "127.0.0.1:$(cut -d' ' -f1 "$root/node1/ports")" >&2 || true
        stop_process "$root/node1"
        if [ -s "$root/classes.jsa" ]; then
            cp "$root/classes.jsa" "$archive.new"
            mv "$archive.new" "$archive"
        fi
    fi
    rm -rf "$root"
}

get_server()
{
    java_find 17
    if [ ! -d "$home" ]; then
        need mvn
        cache_make "kafka-$version" build_home || skip "Kafka $version could not be downloaded (Maven)"
    fi
    make_archive
}

# --- configuration ----------------------------------------------------------

# node_properties NODE DATA PORT CONTROLLER-PORT VOTERS NODES
node_properties()
{
    local node=$1 data=$2 port=$3 controller=$4 voters=$5 nodes=$6 in_sync=1
    [ "$nodes" = 1 ] || in_sync=2
    cat <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data
num.partitions=6
auto.create.topics.enable=false
default.replication.factor=$nodes
min.insync.replicas=$in_sync
offsets.topic.num.partitions=1
offsets.topic.replication.factor=$nodes
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=$nodes
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=$nodes
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=1048577
log.cleaner.io.buffer.size=131072
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
log.retention.check.interval.ms=1000
log.initial.task.delay.ms=500
log.cleaner.backoff.ms=500
PROPERTIES
}

# secure_properties TLS-FOLDER PORT CONTROLLER-PORT SASL-PORT MTLS-PORT: later lines win
secure_properties()
{
    local tls=$1 at=127.0.0.1 scram=org.apache.kafka.common.security.scram.ScramLoginModule
    local open="PLAINTEXT://$at:$2,SASL_SSL://$at:$4,MTLS://$at:$5"
    cat <<PROPERTIES
listeners=$open,CONTROLLER://$at:$3
advertised.listeners=$open
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,MTLS:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$scram required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$scram required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_feeder="feeder-pw" user_reader="reader-pw" user_admin="admin-pw";
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location=$tls/server.pem
listener.name.mtls.ssl.keystore.type=PEM
listener.name.mtls.ssl.keystore.location=$tls/server.pem
listener.name.mtls.ssl.truststore.type=PEM
listener.name.mtls.ssl.truststore.location=$tls/ca.pem
listener.name.mtls.ssl.client.auth=required
listener.name.mtls.ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/\$1/
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
super.users=User:admin;User:ANONYMOUS
PROPERTIES
}

# format_node DIR NODE SECURE: an empty data folder
format_node()
{
    local dir=$1 id
    if [ -n "$3" ]; then
        local users=() user mechanism
        for user in feeder reader admin; do
            for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
                users+=(--add-scram "$mechanism=[name=$user,password=$user-pw]")
            done
        done
        tool "$home" kafka.tools.StorageTool format -t "$cluster_id" \
            -c "$dir/server.properties" "${users[@]}" >/dev/null
        return
    fi
    cp -r "$home/formatted" "$dir/data"
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
    sed -i "s/^node.id=.*/node.id=$2/; s/^directory.id=.*/directory.id=A${id:1}/" \
        "$dir/data/meta.properties"
}

# --- nodes ------------------------------------------------------------------

# run_node ROOT NODE NODES SECURE: writes its configuration anew and starts it
run_node()
{
    local root=$1 node=$2 nodes=$3 secure=$4 voters='' n ports heap=512m
    local dir=$root/node$node
    for ((n = 1; n <= nodes; n++)); do
        read -ra ports <"$root/node$n/ports"
        voters+=${voters:+,}$n@127.0.0.1:${ports[1]}
    done
    read -ra ports <"$dir/ports"
    {
        node_properties "$node" "$dir/data" "${ports[0]}" "${ports[1]}" "$voters" "$nodes"
        [ -z "$secure" ] || secure_properties "$root/tls" "${ports[@]}"
        [ ! -e "$root/extra.conf" ] || cat "$root/extra.conf"
    } >"$dir/server.properties"
    [ -d "$dir/data" ] || format_node "$dir" "$node" "$secure"
    [ "$nodes" = 1 ] || heap=256m
    launch "$dir" "$java" -Xms64m "-Xmx$heap" "${jvm[@]}" "${archive_options[@]}" \
        -Dlog4j2.configurationFile="file:$home/log4j2.properties" \
        -cp "$(class_path "$home")" kafka.Kafka "$dir/server.properties"
}

await_node()
{
    await "$1" grep -q 'Kafka Server started' "$1/log" && return
    printf -- '--- %s\n' "$1/log" >&2
    tail -n 100 "$1/log" >&2
    return 1
}

# start_nodes ROOT NODES SECURE: all of them at once, then awaits each
start_nodes()
{
    local root=$1 nodes=$2 secure=$3 n fresh='' all
    for _ in 1 2 3 4 5; do
        for ((n = 1; n <= nodes; n++)); do
            mkdir -p "$root/node$n"
            if [ ! -e "$root/node$n/ports" ]; then
                fresh=yes
                free_ports 4 >"$root/node$n/ports"
            fi
        done
        for ((n = 1; n <= nodes; n++)); do
            is_alive "$root/node$n" || run_node "$root" "$n" "$nodes" "$secure"
        done
        all=yes
        for ((n = 1; n <= nodes; n++)); do
            await_node "$root/node$n" || all=
        done
        [ -z "$all" ] || return 0
        for ((n = 1; n <= nodes; n++)); do
            stop_process "$root/node$n"
        done
        # Somebody took a port between our look and the bind: others, from an empty start.
        [ -n "$fresh" ] && grep -qi 'address already in use' "$root"/node*/log || return 1
        rm -rf "$root"/node*
    done
    return 1
}

print_facts()
{
    local root=$1 nodes=$2 secure=$3 n ports plain='' sasl='' mtls=''
    for ((n = 1; n <= nodes; n++)); do
        read -ra ports <"$root/node$n/ports"
        printf '%s\n' "NODE${n}_PID=$(pid_of "$root/node$n")" "NODE${n}_PORT=${ports[0]}"
        plain+=${plain:+,}127.0.0.1:${ports[0]}
        sasl+=${sasl:+,}127.0.0.1:${ports[2]}
        mtls+=${mtls:+,}127.0.0.1:${ports[3]}
    done
    printf '%s\n' "BOOTSTRAP=$plain"
    [ -z "$secure" ] || printf '%s\n' "SASL_SSL=$sasl" "MTLS=$mtls" "CA=$root/tls/ca.pem" \
        "CERTIFICATE=$root/tls/client.pem" "KEY=$root/tls/client.key"
}

# --- verbs ------------------------------------------------------------------

archive_options=()

# settings ROOT [KEY=VALUE...]: nodes and secure, of the first start
settings()
{
    local root=$1 word
    shift
    if [ ! -e "$root/settings" ]; then
        nodes=1 secure=
        for word; do
            case $word in
            nodes=[1-9]) nodes=${word#*=} ;;
            secure=yes) secure=yes ;;
            *) die "unknown setting $word" ;;
            esac
        done
        printf '%s\n' "$nodes $secure" >"$root/settings"
    fi
    read -r nodes secure <"$root/settings" || true
    get_server
    archive_options=(-XX:SharedArchiveFile="$home/classes-$java_id.jsa")
}

start_server()
{
    local root=$1 nodes secure
    settings "$@"
    [ -z "$secure" ] || [ -d "$root/tls" ] || "$stack_dir/certificates.sh" "$root/tls"
    start_nodes "$root" "$nodes" "$secure" || die "Kafka did not start"
    print_facts "$root" "$nodes" "$secure"
}

stop_server()
{
    local dir
    for dir in "$1"/node*; do
        [ ! -d "$dir" ] || stop_process "$dir" &
    done
    wait
}

start_node()
{
    local root=$1 node=$2 nodes secure
    settings "$root"
    run_node "$root" "$node" "$nodes" "$secure"
    await_node "$root/node$node" || die "node $node did not start"
    print_facts "$root" "$nodes" "$secure"
}

case ${1:-} in
start-node) start_node "$(realpath "${2:?folder}")" "${3:?node}" ;;
stop-node) stop_process "$(realpath "${2:?folder}")/node${3:?node}" ;;
*) server_main "$@" ;;
esac
