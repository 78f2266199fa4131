#!/usr/bin/python3
"""compile_commands.py CC FILE...: prints the JSON compilation database."""
import json
import os
import subprocess
import sys

compiler, files = sys.argv[1], sys.argv[2:]
flags = subprocess.run(['make', '-s', 'print-cppflags'], capture_output=True, text=True,
                       check=True).stdout.strip()
json.dump([{'directory': os.getcwd(), 'file': name,
            'command': f'{compiler} {flags} -c {name}'} for name in files],
          sys.stdout, indent=1)
print()
