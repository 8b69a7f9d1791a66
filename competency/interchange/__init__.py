"""Frameworks in the forms other systems read: 1EdTech CASE 1.1 out, 1.0 and 1.1 in, CTDL-ASN out (ADR 0045). Pure."""

from competency.interchange.case_out import not_carried, package
from competency.interchange.case_parts import Parts
from competency.interchange.ctdl_out import ctdl
from competency.interchange.reading import read

__all__ = ["Parts", "ctdl", "not_carried", "package", "read"]
