"""The unit programs under AddressSanitizer with UBSan, and under TSan."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize('target', ['asan', 'tsan'])
def test_units(target):
    """make asan, make tsan: every unit passes and the sanitizer is silent."""
    env = {k: v for k, v in os.environ.items() if k not in ('MAKEFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', '-s', f'-j{os.cpu_count()}', target], cwd=ROOT, env=env,
                          capture_output=True, text=True, errors='replace', check=False)
    text = done.stdout + done.stderr
    assert done.returncode == 0, text[-8000:]
    assert ' 0 failed' in text, text[-8000:]
