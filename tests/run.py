#!/usr/bin/python3
"""Runs the suites that are named and adds up what they say.

    run.py [--build DIR] [--jobs N] SUITE...

A suite is `units` (the cmocka programs under DIR/unit) or a folder of tests/
that holds pytest files (protocol, fault, stack, ...). Each suite writes JUnit
XML under DIR/results; the last line is `N passed, N failed, N skipped`. The
exit status is 0 only when nothing failed and something ran.

A few tests that fail are run once more, by themselves: these tests talk to real
servers on a machine that may be busy. What passes then counts as passed, and is
named as `unsteady` before the last line: it deserves a look all the same.
Suites that mostly wait begin at once, beside the others, and are told in their turn.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
AGAIN_MAX = 12  # more failures than this are no accident
BESIDE = ('bare', 'outage')  # wait much of their time, for packages or for nothing to happen


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


def unit_complaint(program, xml, code, output):
    """What to print of a program that failed, its own XML included; '' of one that passed."""
    if code == 0:
        return ''
    said = re.findall(r'<testcase name="([^"]*)"[^>]*>\s*<failure>(.*?)</failure>',
                      xml.read_text(errors='replace') if xml.exists() else '', re.DOTALL)
    lines = [f'{name}: {text}' for name, text in said]
    return '\n'.join([f'{program.parent.name}/{program.name} ended with {code}', *lines, output])


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
    return xml, unit_complaint(program, xml, code, output)


def run_units(build, jobs, results):
    """Runs every unit program of the build, several at a time; (XML files, unsteady)."""
    programs = sorted(p for p in (build / 'unit').rglob('test_*')
                      if p.is_file() and os.access(p, os.X_OK) and p.suffix == '')
    unsteady = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda p: run_unit(p, results), programs))
    for number, (program, (_, output)) in enumerate(zip(programs, done)):
        if output:
            print(output)
            again = run_unit(program, results)
            done[number] = again
            if again[1]:
                print(again[1])
            else:
                unsteady.append(f'{program.parent.name}: {program.name}')
    return [xml for xml, _ in done], unsteady


def pytest_once(targets, xml, build, out=None):
    """One run of pytest, its output to the file out if there is one; True when it wrote its result."""
    xml.unlink(missing_ok=True)
    env = dict(os.environ, FLIGHTDASH_BUILD=str(build.resolve()))
    subprocess.run([sys.executable, '-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider',
                    f'--junitxml={xml}', *targets], cwd=ROOT, env=env, stdout=out, check=False)
    return xml.exists()


def failures(tree):
    """{pytest's name of a test: its element} of those that failed."""
    return {f"tests/{case.get('classname').replace('.', '/')}.py::{case.get('name')}": case
            for case in tree.iter('testcase')
            if case.find('failure') is not None or case.find('error') is not None}


def run_pytest(suite, build, results, out=None):
    """Runs pytest over tests/SUITE, and what failed once more; (XML files, unsteady)."""
    xml, again = results / f'{suite}.xml', results / f'{suite}-again.xml'
    unsteady = []
    if not pytest_once([str(ROOT / 'tests' / suite)], xml, build, out):
        return [xml], unsteady
    tree = ElementTree.parse(xml)
    broken = failures(tree)
    if 0 < len(broken) <= AGAIN_MAX and pytest_once(broken, again, build, out):
        second = ElementTree.parse(again)
        still = failures(second)
        if len(list(second.iter('testcase'))) >= len(broken):
            for name in broken.keys() - still.keys():
                for part in ('failure', 'error'):
                    for element in broken[name].findall(part):
                        broken[name].remove(element)
                unsteady.append(name)
            tree.write(xml)
    again.unlink(missing_ok=True)
    return [xml], unsteady


def run_beside(suite, build, results):
    """A pytest suite whose output is kept for its turn; (XML files, unsteady)."""
    with open(results / f'{suite}.out', 'w', encoding='utf-8') as out:
        return run_pytest(suite, build, results, out)


def run_suites(options, results):
    """All of them in their order; (XML files, unsteady)."""
    files, unsteady = [], []
    several = len(options.suites) > 1
    with concurrent.futures.ThreadPoolExecutor(len(BESIDE)) as pool:
        beside = {suite: pool.submit(run_beside, suite, options.build, results)
                  for suite in options.suites if suite in BESIDE and several}
        for suite in options.suites:
            print(f'== {suite}', flush=True)
            if suite in beside:
                done, shaken = beside[suite].result()
                print((results / f'{suite}.out').read_text(encoding='utf-8'), flush=True)
            elif suite == 'units':
                done, shaken = run_units(options.build, options.jobs, results)
            else:
                done, shaken = run_pytest(suite, options.build, results)
            files += done
            unsteady += shaken
    return files, unsteady


def main():
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / 'build')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 2)
    parser.add_argument('suites', nargs='+', metavar='SUITE')
    options = parser.parse_args()
    results = options.build / 'results'
    results.mkdir(parents=True, exist_ok=True)
    files, unsteady = run_suites(options, results)
    passed, failed, skipped, broken = count(files)
    for name, reason in skipped:
        print(f'skipped {name}: {reason}')
    for name in unsteady:
        print(f'unsteady {name}: failed, then passed')
    for name in broken:
        print(f'FAILED {name}')
    print(f'{passed} passed, {failed} failed, {len(skipped)} skipped')
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
