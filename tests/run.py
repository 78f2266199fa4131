#!/usr/bin/python3
"""Runs the suites that are named and adds up what they say.

    run.py [--build DIR] [--jobs N] SUITE...

A suite is `units` (the cmocka programs under DIR/unit) or a folder of tests/
that holds pytest files (protocol, fault, stack, ...). Each suite writes JUnit
XML under DIR/results; the last line is `N passed, N failed, N skipped`. The
exit status is 0 only when nothing failed and something ran.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent


def count(xml_files):
    """Returns (passed, failed, [(test, reason) skipped], [failed names])."""
    passed, failed, skipped, broken = 0, 0, [], []
    for path in xml_files:
        try:
            cases = ElementTree.parse(path).iter('testcase')
        except (ElementTree.ParseError, OSError):
            broken.append(f'{path.name}: no result (crashed?)')
            failed += 1
            continue
        for case in cases:
            name = f"{case.get('classname') or path.stem}: {case.get('name')}"
            skip = case.find('skipped')
            if case.find('failure') is not None or case.find('error') is not None:
                failed += 1
                broken.append(name)
            elif skip is not None:
                skipped.append((name, skip.get('message') or (skip.text or '').strip()))
            else:
                passed += 1
    return passed, failed, skipped, broken


def run_unit(program, results):
    """Runs one cmocka program; returns its XML file and output."""
    xml = results / f'{program.parent.name}-{program.name}.xml'
    xml.unlink(missing_ok=True)
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='XML', CMOCKA_XML_FILE=str(xml))
    try:
        done = subprocess.run([program], cwd=ROOT, env=env, capture_output=True,
                              text=True, errors='replace', timeout=300, check=False)
        output, code = done.stdout + done.stderr, done.returncode
    except subprocess.TimeoutExpired as stop:
        output, code = f'{program.name}: timed out\n{stop.output}', 1
        xml.unlink(missing_ok=True)
    if code != 0 and xml.exists() and '<failure' not in xml.read_text(errors='replace'):
        xml.unlink()
    return xml, output if code != 0 else ''


def run_units(build, jobs, results):
    """Runs every unit program of the build, several at a time."""
    programs = sorted(p for p in (build / 'unit').rglob('test_*')
                      if p.is_file() and os.access(p, os.X_OK) and p.suffix == '')
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda p: run_unit(p, results), programs))
    for _, output in done:
        if output:
            print(output)
    return [xml for xml, _ in done]


def run_pytest(suite, build, results):
    """Runs pytest over tests/SUITE."""
    folder = ROOT / 'tests' / suite
    xml = results / f'{suite}.xml'
    xml.unlink(missing_ok=True)
    env = dict(os.environ, FLIGHTDASH_BUILD=str(build.resolve()))
    subprocess.run([sys.executable, '-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider',
                    f'--junitxml={xml}', str(folder)], cwd=ROOT, env=env, check=False)
    return [xml]


def main():
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / 'build')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 2)
    parser.add_argument('suites', nargs='+', metavar='SUITE')
    options = parser.parse_args()
    results = options.build / 'results'
    results.mkdir(parents=True, exist_ok=True)
    files = []
    for suite in options.suites:
        print(f'== {suite}', flush=True)
        if suite == 'units':
            files += run_units(options.build, options.jobs, results)
        else:
            files += run_pytest(suite, options.build, results)
    passed, failed, skipped, broken = count(files)
    for name, reason in skipped:
        print(f'skipped {name}: {reason}')
    for name in broken:
        print(f'FAILED {name}')
    print(f'{passed} passed, {failed} failed, {len(skipped)} skipped')
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
