"""A package taken apart into the resources of the CASE REST binding (ADR 0045). Pure.

Alone, a part names its document and a document its package; inside a package neither may stand.
"""

from collections.abc import Mapping
from typing import Any

Part = Mapping[str, Any]
# What is never there: our frameworks have no such definitions.
NEVER = ("CFSubjects", "CFConcepts", "CFLicenses", "CFAssociationGroupings")
_LISTED = ("CFItems", "CFAssociations", "CFRubrics")
RESOURCES = ("CFDocuments", "CFPackages", *_LISTED, "CFItemAssociations", "CFItemTypes", *NEVER)


class Parts:
    """The parts of one package by resource and identifier."""

    def __init__(self, package: Part):
        self.package = package
        self.document: Part = package["CFDocument"] | {"CFPackageURI": self._link("CFPackages")}
        self._known: dict[str, dict[str, Part]] = {
            name: {one["identifier"]: one for one in package.get(name, ())} for name in _LISTED
        }
        types = package.get("CFDefinitions", {}).get("CFItemTypes", ())
        self._known["CFItemTypes"] = {one["identifier"]: one for one in types}

    def find(self, resource: str, identifier: str) -> Part | None:
        """Return what the binding hands out for an address, None where this package has no such part."""
        if resource in ("CFDocuments", "CFPackages"):
            mine = identifier == self.document["identifier"]
            return (self.document if resource == "CFDocuments" else self.package) if mine else None
        if resource == "CFItemAssociations":
            item = self.find("CFItems", identifier)
            return item and {"CFItem": item, "CFAssociations": self._associations(identifier)}
        found = self._known.get(resource, {}).get(identifier)
        if found is None or resource == "CFRubrics":
            return found
        if resource == "CFItemTypes":
            code = found["hierarchyCode"]
            below = [one for one in self._known[resource].values() if _below(one["hierarchyCode"], code)]
            return {"CFItemTypes": [found, *below]}
        return {**found, "CFDocumentURI": self._link("CFDocuments")}

    def _associations(self, identifier: str) -> list[Part]:
        ends = ("originNodeURI", "destinationNodeURI")
        return [
            one
            for one in self._known["CFAssociations"].values()
            if any(one[end]["identifier"] == identifier for end in ends)
        ]

    def _link(self, resource: str) -> dict[str, str]:
        document = self.package["CFDocument"]
        uri = document["uri"].replace("/CFDocuments/", f"/{resource}/")
        return {"title": document["title"], "identifier": document["identifier"], "uri": uri}


def _below(code: str, above: str) -> bool:
    return code.startswith(f"{above}.")
