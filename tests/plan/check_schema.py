#!/usr/bin/env python3
"""The schema that mlpsweep prints against a validator of JSON Schema 2020-12.

check_schema.py MLPSWEEP PROJECT_DIR: every experiment and every case without errors passes; every case
with an error that a schema can know of fails. The file that editors read is as the program prints it. Whether a case has errors, its .out file says.
"""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

# Cases whose errors depend on more than the form of one value: what one setting means for another, what
# repeats, what only the text of the file shows.
BEYOND_A_SCHEMA = """
alias_bomb alias_of_itself all anchors_and_aliases argument_of_a_choice_that_lacks_it
baseline_that_is_none call_in_a_flow_list_not_closed contradicting_arguments
contradictions_of_training declared_datasets_with_errors declared_datasets_with_more_errors
draw_seed_without_draws draws_of_more_than_there_is draws_with_errors exclude_of_everything
extends_itself extends_nothing functions_with_errors loss_of_base_that_does_not_fit
loss_that_does_not_fit no_dataset nul_in_quotes only_dashes repeated_key_by_quotes repeated_keys
reserved_name same_number_written_twice seeds_and_repeats seeds_beyond_the_limit tags
too_many_layers too_many_seeds too_many_trials utf16 zip_with_errors
""".split()


# Taken, though other readers of YAML see a call in {} as several keys.
TORN_BY_YAML = ["topology_mapping_with_an_unquoted_call"]

SCHEMA = "experiment.schema.json"


class Core(yaml.SafeLoader):
    """Scalars as the core schema of YAML 1.2 has them: 1e-3 is a number, yes a text."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("^(?:" + pattern + ")$"), list(first))


def whole(loader, node):
    text = loader.construct_scalar(node).lower()
    return int(text.replace("0o", "0o"), 0) if text[:2] in ("0x", "0o") else int(text)


Core.add_constructor("tag:yaml.org,2002:int", whole)
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


def load(path):
    """The file's value; None where it is no YAML at all."""
    try:
        return yaml.load(path.read_bytes(), Loader=Core)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def main():
    binary, project = sys.argv[1], pathlib.Path(sys.argv[2])
    printed = subprocess.run([binary, "schema"], check=True, capture_output=True).stdout
    schema = json.loads(printed)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures, passed, refused = [], 0, 0
    if (project / "experiments" / SCHEMA).read_bytes() != printed:
        failures.append(f"mlpsweep schema > experiments/{SCHEMA} was not run since the tables changed")
    for path in sorted(project.glob("experiments/*.yaml")):
        if path.read_text().split("\n")[0] != f"# yaml-language-server: $schema={SCHEMA}":
            failures.append(f"{path.name} does not begin with the line by which editors find {SCHEMA}")
    for path in sorted(project.glob("experiments/*.yaml")) + [project / "tests/docs/example.yaml"]:
        errors = [error.message for error in validator.iter_errors(load(path))]
        if errors:
            failures.append(f"{path.name} is refused: {errors}")
        passed += not errors
    for path in sorted((project / "tests/plan/cases").glob("*.yaml")):
        value = load(path)
        has_errors = ": error: " in path.with_suffix(".out").read_text(errors="replace")
        if value is None or path.stem in TORN_BY_YAML or (has_errors and (path.stem in BEYOND_A_SCHEMA or " " in path.stem)):
            continue
        errors = [error.message for error in validator.iter_errors(value)]
        if bool(errors) != has_errors:
            failures.append(f"{path.name}: {errors if errors else 'is taken'}")
        passed += not errors
        refused += bool(errors)
    print("\n".join(failures))
    print(f"{passed} pass, {refused} are refused, {len(failures)} failures")
    sys.exit(bool(failures) or passed < 20 or refused < 15)


main()
