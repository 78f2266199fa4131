"""flightdashd as a program: options, files, errors, ready, signals, end."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from support import wait
from support.daemon import clean_environment, program


def run(*arguments, folder, env=None, seconds=20):
    """Runs flightdashd to its end."""
    return subprocess.run([program('flightdashd'), *map(str, arguments)], cwd=folder,
                          env=clean_environment(folder, **(env or {})), text=True,
                          capture_output=True, timeout=wait.deadline_s(seconds), check=False)


BAD = [
    (['--tick-ms', 'soon'], '--tick-ms: "soon" is not a number from 20 to 5000'),
    (['--nonsense'], '--nonsense: no such option'),
    (['--role', 'pilot'], 'no role "pilot"'),
    (['--listen', '127.0.0.1:99999'], '--listen: the port is not a number'),
    (['--prometheus', 'localhost'], '--prometheus: is not a URL'),
    (['--elasticsearch', 'http://h:99999'], '--elasticsearch: is not a URL'),
    (['--token-file', '/nonexistent'], '--token-file: cannot read /nonexistent'),
    (['--tls-cert', '/etc/hostname'], 'TLS needs both --tls-cert and --tls-key'),
    (['--kafka-property', 'nonsense'], '--kafka-property: a property is written NAME=VALUE'),
    (['--kafka-property', 'ssl.key.password=@/nonexistent'], 'cannot read /nonexistent'),
    (['--receiver', '91,0'], '--receiver: is not LAT,LON'),
    (['--filter', 'alt >'], '--filter: '),
    (['--config', '/nonexistent'], '/nonexistent: cannot read the configuration'),
    (['--config', '/'], '/: cannot read the configuration: Is a directory'),
    (['stray'], 'stray: unexpected argument'),
    (['--kafka', ','], '--kafka: "" is not HOST:PORT'),
    (['--kafka', 'a:9092,b:99999'], '--kafka: "b:99999" is not HOST:PORT'),
    (['--kafka-property', 'no.such.property=1'], '--kafka-property: Kafka property no.such.property'),
    (['--kafka-property', 'acks=1'], '--kafka-property: Kafka properties: `acks` must be'),
    (['--redis', 'http://x'], '--redis: Redis URL: unknown scheme'),
    (['--redis', 'redis://h?password_file=/nonexistent'], '--redis: cannot read /nonexistent'),
    (['--probe', 'web=gopher://x'], '--probe: "web=gopher://x" is not NAME=URL'),
    (['--probe', 'web=http://h:x/'], '--probe: "web=http://h:x/" is not NAME=URL'),
    (['--probe', 'web=http://'], '--probe: "web=http://" is not NAME=URL'),
    (['--token-file', '/dev/null'], '--token-file: /dev/null: everybody may read it'),
    (['--tls-cert', '/etc/hostname', '--tls-key', '/etc/hostname'],
     '--tls-cert: /etc/hostname: not a PEM certificate'),
    (['--allow-origin', 'https://example.org/'], '--allow-origin: "https://example.org/" is not'),
    (['--source', 'readsb+http://h:99999/x'], 'wanted: //HOST[:PORT]/PATH'),
]


@pytest.mark.parametrize('arguments, expected', BAD, ids=[' '.join(a) for a, _ in BAD])
def test_a_mistake_is_one_line_and_exit_2(tmp_path, arguments, expected):
    """What, where, and nothing started; --check finds what a start finds."""
    for more in ([], ['--check']):
        done = run(*more, *arguments, folder=tmp_path)
        assert done.returncode == 2
        assert expected in done.stderr
        assert done.stderr.startswith('flightdashd: ') and done.stderr.count('\n') == 1
        assert done.stdout == ''


BAD_AT_START = [
    (['--source', 'gopher://x'], 'gopher'),
    (['--source', 'replay:/nonexistent'], '/nonexistent'),
    (['--redis', 'http://x'], 'redis'),
    (['--kafka', '127.0.0.1:1', '--kafka-property', 'no.such.property=1'], 'no.such.property'),
    (['--listen', '203.0.113.1:0'], '203.0.113.1'),
]


@pytest.mark.parametrize('arguments, expected', BAD_AT_START,
                         ids=[' '.join(a) for a, _ in BAD_AT_START])
def test_what_cannot_start_ends_with_one_line(tmp_path, arguments, expected):
    """Never half a server: exit 1 or 2 and no ready line."""
    done = run('--listen', '127.0.0.1:0', *arguments, folder=tmp_path)
    assert done.returncode in (1, 2)
    assert expected in done.stderr
    assert '\nready ' not in '\n' + done.stderr


def test_a_port_in_use_is_said(tmp_path):
    """The address, the reason, exit 1."""
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        done = run('--listen', f'127.0.0.1:{port}', folder=tmp_path)
    assert done.returncode == 1
    assert str(port) in done.stderr and 'in use' in done.stderr


def test_print_config_names_origins_and_hides_secrets(tmp_path):
    """Command line over environment over file; secrets as ***."""
    secret = tmp_path / 'secret'
    secret.write_text('hush-file\n')
    conf = tmp_path / 'c.conf'
    conf.write_text('[flightdashd]\ntick-ms = 100\nexpire = 60\nlog-level = debug\n'
                    'kafka.sasl.password = hush-conf\n[flightdash]\ntheme = nord\n')
    done = run('--config', conf, '--tick-ms', '50', '--print-config', folder=tmp_path,
               env={'FLIGHTDASH_EXPIRE': '90'})
    assert done.returncode == 0, done.stderr
    assert 'tick-ms = 50    ; --tick-ms' in done.stdout
    assert 'expire = 90    ; FLIGHTDASH_EXPIRE' in done.stdout
    assert f'log-level = debug    ; {conf}:4' in done.stdout
    assert 'hush' not in done.stdout + done.stderr
    again = tmp_path / 'again.conf'
    again.write_text(done.stdout)
    assert run('--config', again, '--check', folder=tmp_path).returncode == 0


def test_a_wrong_line_of_the_file_is_named(tmp_path):
    """file:line."""
    conf = tmp_path / 'c.conf'
    conf.write_text('[flightdashd]\n\ntick = 100\n')
    done = run('--config', conf, '--check', folder=tmp_path)
    assert done.returncode == 2
    assert f'{conf}:3: unknown key "tick"' in done.stderr


def test_help_version_completion(tmp_path):
    """Each prints and ends with 0."""
    assert '--source URL' in run('--help', folder=tmp_path).stdout
    assert run('--version', folder=tmp_path).stdout.startswith('flightdashd ')
    for shell in ('bash', 'zsh', 'fish'):
        assert 'kafka-property' in run('--completion', shell, folder=tmp_path).stdout


def test_ready_health_and_the_end(daemon):
    """The ready line is true; --health follows the state; SIGTERM ends with 0."""
    server = daemon(source='sim:?aircraft=20')
    assert server.ready['role'] == 'all'
    assert server.get('/readyz')[0] == 200
    status, body = server.get('/healthz')
    assert status == 200 and json.loads(body)['status'] in ('pass', 'warn')
    done = run('--listen', server.address, '--health', folder=server.folder)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert server.stop(seconds=12) == 0
    done = run('--listen', server.address, '--health', folder=server.folder)
    assert done.returncode == 2


def test_ready_is_told_to_the_service_manager(daemon, tmp_path):
    """READY=1 after the ports are open; STOPPING=1 on SIGTERM."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = tmp_path / 'notify'
        manager.bind(str(path))
        manager.settimeout(wait.deadline_s(20))
        server = daemon.new(env={'NOTIFY_SOCKET': str(path)})
        server.launch()
        assert manager.recv(64) == b'READY=1'
        server.stop()
        assert manager.recv(64) == b'STOPPING=1'


def test_sigterm_sends_clients_away(daemon, connect):
    """goaway, close 1012, within 10 s."""
    server = daemon(source='sim:?aircraft=20')
    client = connect(server)
    subscription = client.subscribe()
    client.until(lambda: subscription.table)
    os.kill(server.pid, signal.SIGTERM)
    client.until(lambda: client.close_code is not None)
    assert client.close_code == 1012
    assert any(message['type'] == 'goaway' for message in client.messages)
    assert server.exit_status(12) == 0


def end_seconds(server):
    """How long it takes from SIGTERM to a clean end."""
    begin = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - begin


@pytest.mark.parametrize('role', ['all', 'monitor'])
def test_an_idle_daemon_ends_at_once(daemon, role):
    """Nothing to wait for: neither its own probes' connections nor its own broker.

    A tenth of a second; but a thread of librdkafka's mock cluster, told to end before
    nobody holds it any more, sleeps a second before it sees: once in forty times with
    2.0.2, nearly always with 2.8, where on a busy machine two more may follow.
    """
    server = daemon(role=role)
    wait.until(lambda: server.metrics().total('flightdash_probes_total') > 0, 10, 'its own probes')
    assert end_seconds(server) < wait.deadline_s(6)


@pytest.mark.parametrize('fault', ['kill9', 'pause'])
def test_the_end_does_not_wait_for_a_kafka_that_is_away(daemon, kafka_fresh, fault):
    """5 s for what is queued, then it is dropped, and that is said.

    The tracker may have waited for the answer to its last commit for 2 s just before.
    """
    server = daemon(source='sim:?aircraft=50', kafka=kafka_fresh.bootstrap, create_topics=True)
    getattr(kafka_fresh, fault)()
    wait.until(lambda: server.metrics().value('flightdash_kafka_producer_queue_records', 0) > 50, 20,
               'records that wait')
    assert end_seconds(server) < wait.deadline_s(8.5)
    assert re.search(r'Kafka has not taken \d+ records within 5 s: dropped', server.log()), server.log()


def test_sighup_takes_what_can_change(daemon, tmp_path):
    """A new level comes, a wrong file is refused and the old values stay."""
    conf = tmp_path / 'c.conf'
    conf.write_text('[flightdashd]\nlog-level = info\n')
    server = daemon('--config', conf)
    conf.write_text('[flightdashd]\nlog-level = loud\n')
    os.kill(server.pid, signal.SIGHUP)
    wait.until(lambda: 'reload refused' in server.log(), 5, server.log)
    assert f'{conf}:2' in server.log()
    conf.write_text('[flightdashd]\nlog-level = debug\n')
    os.kill(server.pid, signal.SIGHUP)
    wait.until(lambda: 'configuration read again' in server.log(), 5, server.log)


def test_ecs_log_lines(daemon, tmp_path):
    """Each line is one JSON object with ECS names."""
    log = tmp_path / 'ecs.log'
    server = daemon('--log-format', 'ecs', '--log-file', log, source='sim:?aircraft=5')
    server.stop()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines
    for line in lines:
        assert {'@timestamp', 'log.level', 'message', 'service.name'} <= set(line)


@pytest.mark.parametrize('role', ['gateway', 'ingest', 'tracker', 'monitor'])
def test_each_role_alone(daemon, kafka, role):
    """The same four pages on its own port."""
    server = daemon(role=role, kafka=kafka.bootstrap, create_topics=True)
    assert server.ready['role'] == role
    for page in ('/livez', '/readyz', '/healthz', '/metrics'):
        assert server.get(page)[0] == 200, page


def test_threads_are_named(daemon):
    """top -H and gdb show who is who."""
    server = daemon(source='sim:?aircraft=5')
    names = {(task / 'comm').read_text().strip()
             for task in pathlib.Path(f'/proc/{server.pid}/task').iterdir()}
    assert {'state', 'io-0', 'upstream', 'ingest', 'tracker', 'monitor'} <= names
