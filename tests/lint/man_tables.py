#!/usr/bin/python3
"""Writes the tables of the man pages from the tables of the code.

    man_tables.py [--write]

A page has a part between `.\\" BEGIN options FILE` (or `metrics FILE`,
`fields FILE`, `keys FILE`, `columns FILE`) and
`.\\" END`; it is made from the rows of FILE. Without --write it only says, by
its exit status, whether every part is as it should be.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PART = re.compile(r'(\.\\" BEGIN (options|metrics|fields|keys|columns) (\S+)\n)(.*?)(\.\\" END\n)', re.S)


def rows(path, macro):
    """Yields the arguments of each MACRO(...) row of a .def file, unquoted."""
    text = re.sub(r'/\*.*?\*/', '', path.read_text(), flags=re.S)
    for match in re.finditer(rf'^{macro}\((.*)\)\s*$', text, re.M):
        args = re.findall(r'\s*((?:"(?:[^"\\]|\\.)*"\s*)+|[^,]+)(?:,|$)', match.group(1))
        yield [re.sub(r'"\s*"', '', a.strip()).strip('"').replace('\\"', '"') for a in args]


def escape(text):
    """Text for mdoc: a leading dot and backslashes made harmless, dashes kept."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + text if text.startswith(('.', "'")) else text


def options(path):
    """One .It a row."""
    out = ['.Bl -tag -width Ds\n']
    for row in rows(path, 'OPTION'):
        _, name, _, argument, initial, _, _, _, flags, text = row[:10]
        shown = ''.join(f' Ar {part}' for part in [argument.replace('-', '\\-')] if part)
        out.append(f'.It Fl \\-{name.replace("-", chr(92) + "-")}{shown}\n')
        sentence = text if ':' in text.split()[0] else text[:1].upper() + text[1:]
        out.append(escape(sentence) + '.\n')
        if initial not in ('NULL', '', 'no'):
            out.append(f'The default is\n.Ql {escape(initial)} .\n')
        if 'OPTION_RELOAD' in flags:
            out.append('.Dv SIGHUP\ntakes a new value.\n')
    return ''.join(out) + '.El\n'


def metrics(path):
    """One .It a row, with type and labels."""
    out = ['.Bl -tag -width Ds\n']
    for _, name, kind, label1, label2, text in rows(path, 'METRIC'):
        labels = ', '.join(label for label in (label1, label2) if label)
        kind = kind.lower().split('_')[0]
        out.append(f'.It Li {name}\n{text}\n({kind}{"; by " + labels if labels else ""}).\n')
    return ''.join(out) + '.El\n'


def fields(path):
    """One .It a field by its wire name, with title and unit; `type` has another."""
    out = ['.Bl -column "nav_altitude_mcp" "Selected altitude" "deg/s"\n']
    numbers = [(row[1], row[7], row[6]) for row in rows(path, 'FIELD_NUM')]
    texts = [(row[1], row[5], row[4]) for row in rows(path, 'FIELD_TEXT')]
    for key, title, unit in numbers + texts:
        name = 'addr_type' if key == 'type' else key
        out.append(f'.It Cm {name} Ta {escape(title)} Ta {escape(unit)}\n'.replace(' \n', '\n'))
    return ''.join(out) + '.El\n'


def json_kind(kind, decimals):
    """What JSON value a field of that kind is."""
    if kind == 'INT':
        return f'number, {decimals} decimals' if decimals != '0' else 'integer'
    return {'ALTITUDE': 'integer or text', 'BITS': 'array or integer'}.get(kind, 'text')


def keys(path):
    """One .It a field by its key in JSON, with kind of value, unit and title."""
    out = ['.Bl -column "nav_altitude_mcp" "number, 5 decimals" "deg/s" "Selected altitude"\n']
    numbers = [(r[1], json_kind(r[2], r[3]), r[6], r[7]) for r in rows(path, 'FIELD_NUM')]
    texts = [(r[1], 'text', r[4], r[5]) for r in rows(path, 'FIELD_TEXT')]
    for key, kind, unit, title in numbers + texts:
        kind = {'nav_modes': 'array of texts', 'dbFlags': 'integer'}.get(key, kind)
        out.append(f'.It Cm {key} Ta {kind} Ta {escape(unit)} Ta {escape(title)}\n')
    return ''.join(out) + '.El\n'


def columns(path):
    """One .It a column of the flight list, in its order."""
    out = ['.Bl -tag -width "category_name" -compact\n']
    for row in rows(path, 'COLUMN'):
        out.append(f'.It Cm {row[1]}\n{escape(row[11][:1].upper() + row[11][1:])}.\n')
    return ''.join(out) + '.El\n'


def made(page):
    """The page's text with every part made anew."""
    def part(match):
        maker = {'options': options, 'metrics': metrics, 'fields': fields, 'keys': keys,
                 'columns': columns}[match.group(2)]
        return match.group(1) + maker(ROOT / match.group(3)) + match.group(5)
    return PART.sub(part, page.read_text())


def main():
    """Entry."""
    stale = []
    for page in sorted((ROOT / 'man').glob('*.[1-8]')):
        text = made(page)
        if text != page.read_text():
            stale.append(page.name)
            if '--write' in sys.argv:
                page.write_text(text)
    if stale:
        print('made anew:' if '--write' in sys.argv else
              'not as the tables say (tests/lint/man_tables.py --write):', ', '.join(stale))
    return 1 if stale and '--write' not in sys.argv else 0


if __name__ == '__main__':
    sys.exit(main())
