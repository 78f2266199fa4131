#!/usr/bin/python3
"""Finds a perfect hash over the keys of flight_fields.def and flight_keys.h.

    make_keys.py > flight_key_table.inc

Prints the multipliers and the slot of each key, which flight_keys.h includes. The
search is deterministic: the same keys give the same table.
"""
import pathlib
import random
import re

FLIGHT = pathlib.Path(__file__).resolve().parent.parent
BITS = 7
WORD = (1 << 64) - 1


def keys():
    """Returns [(enumerator, key)] in the order of enum flight_key."""
    fields = (FLIGHT / 'flight_fields.def').read_text()
    rows = re.findall(r'^FIELD_(NUM|TEXT)\((\w+),\s*"(\w+)"', fields, re.M)
    rows = sorted(rows, key=lambda row: row[0] == 'TEXT')
    extras = re.findall(r'^ +X\((\w+), "(\w+)"\)', (FLIGHT / 'flight_keys.h').read_text(),
                        re.M)
    return ([(f'FLIGHT_{name}', key) for _, name, key in rows]
            + [(f'FLIGHT_KEY_{name}', key) for name, key in extras])


def words(key):
    """The first and the last eight bytes, as flight_keys.c loads them."""
    text = key.encode()
    head = int.from_bytes(text[:8], 'little')
    tail = int.from_bytes(text[-8:], 'little') if len(text) > 8 else 0
    return head, tail


def slot(pair, multipliers):
    """The hash: high bits of the sum of two products."""
    total = pair[0] * multipliers[0] + pair[1] * multipliers[1]
    return (total & WORD) >> (64 - BITS)


def search(pairs):
    """Returns two multipliers under which no two keys meet."""
    source = random.Random(1)
    while True:
        multipliers = (source.getrandbits(64) | 1, source.getrandbits(64) | 1)
        if len({slot(pair, multipliers) for pair in pairs}) == len(pairs):
            return multipliers


def main():
    """Entry."""
    rows = keys()
    assert max(len(key) for _, key in rows) <= 16
    multipliers = search([words(key) for _, key in rows])
    print('/* Made by gen/make_keys.py; do not edit. */')
    print(f'#define KEY_HASH_COUNT {len(rows)}')
    print(f'#define KEY_HASH_BITS {BITS}')
    print(f'#define KEY_HASH_HEAD UINT64_C(0x{multipliers[0]:016x})')
    print(f'#define KEY_HASH_TAIL UINT64_C(0x{multipliers[1]:016x})')
    slots = sorted((slot(words(key), multipliers), name) for name, key in rows)
    print('#define KEY_SLOTS \\')
    print(', \\\n'.join(f'    [{number}] = {name} + 1' for number, name in slots))


if __name__ == '__main__':
    main()
