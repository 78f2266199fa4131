"""The unit programs under AddressSanitizer with UBSan, and under TSan; then the daemon.

FLIGHTDASH_SANITIZED_SUITES (default protocol) are the suites that run against the daemon
built with ASan and UBSan: each of its reports fails the test that caused it.
"""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITES = os.environ.get('FLIGHTDASH_SANITIZED_SUITES', 'protocol').split()
PATIENCE = '4'


def run(*command, **more):
    """Output of a command that has to succeed and to run something."""
    env = {k: v for k, v in os.environ.items()
           if k not in ('MAKEFLAGS', 'MAKELEVEL', 'FLIGHTDASH_BUILD')}
    done = subprocess.run(command, cwd=ROOT, env={**env, **more}, capture_output=True, text=True,
                          errors='replace', check=False)
    text = done.stdout + done.stderr
    assert done.returncode == 0 and ' 0 failed' in text, text[-8000:]
    return text


@pytest.mark.parametrize('target', ['asan', 'tsan'])
def test_units(target):
    """make asan, make tsan: every unit passes and the sanitizer is silent."""
    run('make', '-s', f'-j{os.cpu_count()}', target)


@pytest.mark.parametrize('suite', [name for name in SUITES if (ROOT / 'tests' / name).is_dir()])
def test_daemon(suite):
    """The suite passes against the programs of make asan, and the sanitizers are silent."""
    build = ROOT / 'build/asan'
    if not (build / 'flightdashd').exists():
        pytest.skip('no flightdashd in build/asan')
    run(sys.executable, 'tests/run.py', '--build', str(build), suite,
        FLIGHTDASH_PATIENCE=PATIENCE, ASAN_OPTIONS='detect_stack_use_after_return=1',
        UBSAN_OPTIONS='print_stacktrace=1')
