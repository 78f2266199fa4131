"""`make lint`: the shape of the house, format, static checks, manuals."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import house  # noqa: E402  pylint: disable=wrong-import-position

ROOT = house.ROOT
TOP = {'Makefile', 'tui', 'server', 'shared', 'themes', 'compose', 'k8s', 'tests',
       'man', 'README.md', 'LICENSE', 'build'}


def need(program):
    """The program's path; a lint without it is skipped with the reason."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get('FLIGHTDASH_REQUIRE_STACK') == '1':
            pytest.fail(f'{program} is not installed')
        pytest.skip(f'{program} is not installed')
    return found


def relative(path):
    """Path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


def run(*command):
    """Runs a checker in the tree's root; fails the test with what it said."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail((done.stdout + done.stderr)[-8000:], pytrace=False)
    return done.stdout + done.stderr


def test_top_level_is_the_agreed_list():
    """Nothing at the top but what the contract names and dot-files."""
    strays = [p.name for p in ROOT.iterdir()
              if not p.name.startswith('.') and p.name not in TOP
              and p.name != 'compile_commands.json']
    assert not strays


def test_includes_point_down_only():
    """Every include edge between folders is a line of layers.txt."""
    allowed, _ = house.layers()
    wrong = []
    for source, target in house.edges():
        a, b = house.folder(source), house.folder(target)
        if a != b and b not in allowed.get(a, set()):
            wrong.append(f'{relative(source)} includes {relative(target)}')
    assert not wrong


def test_no_include_cycles():
    """Neither modules nor folders include each other in a circle."""
    pairs = list(house.edges())
    module = {'.c': '', '.h': ''}
    modules = [tuple(p.with_suffix(module.get(p.suffix, p.suffix)) for p in pair)
               for pair in pairs]
    folders = [(house.folder(a), house.folder(b)) for a, b in pairs]
    assert not house.cycles(modules)
    assert not house.cycles(folders)


def test_external_libraries_stay_in_their_files():
    """Each external library is included only by the files layers.txt names."""
    _, externals = house.layers()
    wrong = []
    for path in house.sources():
        name = relative(path)
        for system, text in house.includes(path):
            for header, places in externals:
                hit = text == header or (header.endswith('/') and text.startswith(header))
                if system and hit and not any(
                        name == place or (place.endswith('/') and name.startswith(place))
                        for place in places):
                    wrong.append(f'{name} includes <{text}>')
    assert not wrong


def test_sizes():
    """Functions of at most 60 lines, sources of 800, headers of 200."""
    wrong = []
    for path in house.sources():
        lines = path.read_text().count('\n')
        if lines > (800 if path.suffix == '.c' else 200):
            wrong.append(f'{relative(path)}: {lines} lines')
        if path.suffix == '.c':
            wrong += [f'{relative(path)}:{at}: {name} has {length} lines'
                      for name, at, length in house.functions(path) if length > 60]
    assert not wrong


def test_every_header_is_a_manual():
    """A header opens with a comment and guards itself by #pragma once."""
    wrong = [relative(p) for p in house.sources() if p.suffix == '.h'
             and not (p.read_text().startswith('/*') and '#pragma once' in p.read_text())]
    assert not wrong


def test_no_left_over_words():
    """No note that says something is unfinished; no place of this machine."""
    words = re.compile('|'.join(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK']))
    wrong = []
    listed = subprocess.run(['git', 'ls-files'], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.split()
    for name in listed:
        path = ROOT / name
        if path.suffix in {'.c', '.h', '.def', '.py', '.sh', '.md', '.1', '.5', '.7', '.8', ''} \
                and path.is_file():
            text = path.read_text(errors='replace')
            if re.search(r'\b(' + words.pattern + r')\b', text):
                wrong.append(name)
    assert not wrong


def test_tests_do_not_sleep():
    """Tests wait for conditions, never for time."""
    pattern = re.compile(r'(\bu?sleep\(|^\s*sleep \d|time\.sleep\()', re.M)
    wrong = [relative(p) for p in (ROOT / 'tests').rglob('*')
             if p.suffix in {'.c', '.sh', '.py'} and p.resolve() != pathlib.Path(__file__).resolve()
             and 'lint' not in p.parts and pattern.search(p.read_text())]
    assert not wrong


def test_no_mutable_globals():
    """No file-scope variable that can change, but for the log's sink."""
    wrong = []
    for path in house.sources():
        for number, line in enumerate(path.read_text().split('\n'), 1):
            if re.match(r'(static )?(struct |enum |unsigned |_Atomic |volatile )*\w+[ *]+\w+'
                        r'(\[[^]]*\])?( = [^;]*)?;$', line) \
                    and not re.search(r'\bconst\b|^return|^typedef|^extern|^goto', line) \
                    and not re.match(r'(struct|enum) \w+;$', line):
                wrong.append(f'{relative(path)}:{number}: {line}')
    assert not wrong


def need_14(program):
    """The checker whose version the tree is written for; others differ in taste."""
    found = need(program)
    said = run(found, '--version')
    if ' 14.' not in said:
        pytest.skip(f'the tree is written for {program} 14, this is {said.split("version ")[-1].split()[0]}')
    return found


def test_format():
    """clang-format has nothing to change."""
    files = [str(p) for p in house.sources('shared', 'server', 'tui', 'tests')]
    run(need_14('clang-format'), '--dry-run', '--Werror', *files)


def tidied(path, flags):
    """The file that says this very source, with all that it includes, was found clean."""
    seen = hashlib.sha256((flags + (ROOT / '.clang-tidy').read_text()).encode())
    for part in house.closure(path):
        seen.update(part.read_bytes())
    return ROOT / 'build/tidy' / f'{path.stem}-{seen.hexdigest()[:24]}'


def tidy(path, flags):
    """What clang-tidy says of one source; remembers that it said nothing."""
    done = subprocess.run(['clang-tidy', '--quiet', str(path), '--', *shlex.split(flags)], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return done.stdout
    tidied(path, flags).touch()
    return ''


def test_clang_tidy():
    """clang-tidy is silent over every source of the product."""
    if os.environ.get('FLIGHTDASH_LINT') == 'quick':
        pytest.skip('clang-tidy takes minutes: make lint')
    need_14('clang-tidy')
    (ROOT / 'build/tidy').mkdir(parents=True, exist_ok=True)
    flags = run('make', '-s', 'print-cppflags').strip()
    new = [p for p in house.sources() if p.suffix == '.c' and not tidied(p, flags).exists()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        said = ''.join(pool.map(lambda path: tidy(path, flags), new))
    if said:
        pytest.fail(said[-8000:], pytrace=False)


def test_shell_scripts():
    """shellcheck is silent over every shell script."""
    listed = run('git', 'ls-files', '.ci', 'tests').split()
    scripts = [name for name in listed if (ROOT / name).is_file() and
               (ROOT / name).read_text(errors='replace').startswith(('#!/bin/bash', '#!/bin/sh'))]
    run(need('shellcheck'), '-x', *scripts)


def test_manuals():
    """mandoc has no warning for any man page."""
    pages = [str(p) for p in sorted((ROOT / 'man').glob('*.[1-8]'))]
    if not pages:
        pytest.skip('no man pages yet')
    run(need('mandoc'), '-T', 'lint', '-W', 'warning', *pages)


def test_every_name_of_the_protocol_is_in_its_manual():
    """Messages, channels, error codes and close codes of wire_messages.def."""
    table = (ROOT / 'shared/wire/wire_messages.def').read_text()
    page = (ROOT / 'man/flightdash-protocol.7').read_text()
    names = re.findall(r'^WIRE_\w+\(\w+, +"?(\w+)', table, re.M)
    assert len(names) > 50
    assert [name for name in names if not re.search(rf'\b{name}\b', page)] == []


def test_manuals_say_what_the_tables_say():
    """Options and metrics of the man pages are those of the code."""
    run(sys.executable, 'tests/lint/man_tables.py')


def test_the_readme_names_what_there_is():
    """Files and folders exist, modules without their ending too; what is to be run runs."""
    page = (ROOT / 'README.md').read_text()
    named = set(re.findall(r'(?:server|shared|tui|tests|man|themes)/[\w./-]*\w', page))
    named = {name for name in named if not re.search(r'/(?:decode_|route_)?x(?:$|\.)|decode_$', name)}
    assert len(named) > 30
    assert [name for name in sorted(named)
            if not (ROOT / name).exists() and not (ROOT / f'{name}.c').exists()] == []
    run_by_hand = re.findall(r'`([\w./-]+\.py) [->]', page)
    assert run_by_hand and [name for name in run_by_hand if not os.access(ROOT / name, os.X_OK)] == []


def test_the_readme_names_targets_of_make():
    """What stands behind `make` on its own lines and in backquotes."""
    page = (ROOT / 'README.md').read_text()
    targets = set(re.findall(r'^([\w-]+):', (ROOT / 'Makefile').read_text(), re.M))
    named = set()
    for words in re.findall(r'(?:^    |`)make((?: [a-z][a-z-]+)+)', page, re.M):
        named.update(words.split())
    assert len(named) > 5 and named <= targets, named - targets


def test_every_route_is_in_its_manual():
    """The part of each path before its first parameter."""
    routes = re.findall(r'^    GET\w*\("([^"{]+)', (ROOT / 'server/gateway/routes.c').read_text(), re.M)
    page = (ROOT / 'man/flightdash-protocol.7').read_text()
    assert len(routes) > 20
    assert [path for path in routes if not re.search(rf'(?<=[ /]){re.escape(path)}', page)] == []
