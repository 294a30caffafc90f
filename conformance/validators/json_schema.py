"""Does the Python library jsonschema find what it should in JSON documents? See README.md for the output."""

import json
import pathlib
import sys

import jsonschema


def complaint(validator, text):
    """The first thing that is wrong with a JSON text; None when it is valid."""
    error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(text)))
    return None if error is None else f"{error.json_path}: " + " ".join(str(error.message).split())[:200]


def main(schema_path, path):
    schema = json.loads(pathlib.Path(schema_path).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    documents = pathlib.Path(path)
    if documents.is_dir():
        texts = [(file.name, file.read_text("utf-8-sig")) for file in sorted(documents.glob("*.json"))]
    else:
        lines = documents.read_text("utf-8").splitlines()
        texts = [(f"line {number}", line) for number, line in enumerate(lines, 1)]
    for name, text in texts:
        try:
            found = complaint(validator, text)
        except ValueError as problem:
            found = f"no JSON: {problem}"
        print(name, "valid" if found is None else "invalid", found or "", sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: json_schema.py SCHEMA FOLDER|LINES")
    main(sys.argv[1], sys.argv[2])
