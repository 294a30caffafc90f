"""Which files of a folder does the Python library xmlschema find valid? See README.md for the options and the output."""

import pathlib
import sys
import xml.etree.ElementTree

import xmlschema


def complaint(schema, path):
    """The first thing that is wrong with a file; None when it is valid."""
    try:
        error = next(schema.iter_errors(str(path), use_location_hints=False), None)
    except (xmlschema.XMLSchemaException, xml.etree.ElementTree.ParseError) as problem:
        error = problem
    if error is None:
        return None
    return " ".join(str(getattr(error, "reason", None) or error).split())[:200]


def main(schema_path, folder):
    schema = xmlschema.XMLSchema10(schema_path, allow="local")
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        found = complaint(schema, path)
        print(path.name, "valid" if found is None else "invalid", found or "", sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: validate.py SCHEMA FOLDER")
    main(sys.argv[1], sys.argv[2])
