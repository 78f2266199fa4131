"""Runs every fuzzer of tests/fuzz for FUZZ_SECONDS (30) over its corpus.

FUZZ_SEED (1) makes a run the same each time: what fails on a change is the
change's doing. 0, as `make fuzz` has it, seeks anew each time and builds on what
earlier runs found.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / 'build' / 'fuzz'
NAMES = sorted(p.stem for p in (ROOT / 'tests/fuzz').glob('fuzz_*.c'))


@pytest.fixture(scope='module')
def fuzzers():
    """Builds them with clang; returns the folder of the programs."""
    if shutil.which('clang') is None:
        if os.environ.get('FLIGHTDASH_REQUIRE_STACK') == '1':
            pytest.fail('clang is not installed')
        pytest.skip('clang is not installed')
    env = {k: v for k, v in os.environ.items() if k not in ('CC', 'MAKEFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', '-s', f'-j{os.cpu_count()}', 'fuzz-build'], cwd=ROOT, env=env,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return BUILD / 'fuzz'


def fuzz(program, folder):
    """Runs one; what went wrong, '' for nothing: no crash, sanitizer report, time-out, within a memory ceiling."""
    corpus = ROOT / 'tests/fuzz/corpus' / program.name
    seed = os.environ.get('FUZZ_SEED', '1')
    grown = BUILD / 'grown' / program.name if seed == '0' else folder / 'grown'
    found = folder / 'found'
    grown.mkdir(parents=True, exist_ok=True)
    found.mkdir()
    seconds = os.environ.get('FUZZ_SECONDS', '30')
    folders = [str(grown)] + ([str(corpus)] if corpus.is_dir() else [])
    done = subprocess.run(
        [str(program), f'-seed={seed}', '-reload=0', f'-max_total_time={seconds}', '-timeout=5', '-rss_limit_mb=2048',
         '-max_len=65536', '-print_final_stats=1', '-verbosity=0', f'-artifact_prefix={found}/',
         *folders], cwd=ROOT, capture_output=True, text=True, errors='replace', check=False)
    crashes = [f'{p.name}: {p.read_bytes()[:300]!r}' for p in found.iterdir()]
    return '' if done.returncode == 0 else f'{crashes}\n{done.stderr[-6000:]}'


@pytest.fixture(scope='module')
def runs(fuzzers, tmp_path_factory, request):
    """{name: what comes of it} of those that were asked for, one on each processor at a time."""
    names = [item.callspec.params['name'] for item in request.session.items if item.originalname == 'test_fuzz']
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(fuzz, fuzzers / name, tmp_path_factory.mktemp(name)) for name in names}


@pytest.mark.parametrize('name', NAMES)
def test_fuzz(runs, name):
    """One decoder, on whatever libFuzzer makes of its corpus."""
    problem = runs[name].result()
    assert not problem, problem
