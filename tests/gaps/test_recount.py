"""The recount of `verify` bears out what the reports of a small department say."""

from tests.gaps.records import POLICY, external, rule
from tests.verifying import told


def test_the_small_world_too(section):
    rule(section.ka, section.cycle, counts_external=True)
    external(section.ka, section.cycle, {POLICY: 1})
    assert told("reports.") == []
