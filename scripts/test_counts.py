"""Add up the counts of several JUnit files: `N passed, N failed, N skipped` on one line.

Usage: python -m scripts.test_counts FILE.xml...

Exits 1 where no test was run, so that a suite that collects nothing cannot pass for a green one.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET  # for files of our own # nosec B405


def counts(files: list[Path]) -> tuple[int, int, int]:
    """Return (passed, failed, skipped) over all suites of all files; an error counts as failed."""
    tests = failed = skipped = 0
    for file in files:
        # Written by our own pytest a moment ago: not foreign XML.
        for suite in ET.parse(file).getroot().iter("testsuite"):  # written by our own test runner # noqa: S314 # nosec B314
            tests += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
    return tests - failed - skipped, failed, skipped


def main(arguments: list[str]) -> int:
    """Print the line; returns the exit code."""
    files = [path for path in map(Path, arguments) if path.exists()]
    passed, failed, skipped = counts(files)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed + failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
