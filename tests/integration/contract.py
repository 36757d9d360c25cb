"""Holds answers of the API to its own document, docs/openapi.json.

The validator knows the part of JSON Schema that the document uses, and refuses to work with any
other keyword, so that nothing in the document goes unchecked.
"""

import functools
import json
import pathlib
import re

DOCUMENT = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.json")
                      .read_text(encoding="utf-8"))

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
IGNORED = {"description", "default", "format", "readOnly", "example"}


def resolve(node):
    while "$ref" in node:
        at = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def merged(schema):
    """The schema with the members of allOf and of the branches of oneOf. If a property is described
    twice, the outer schema applies, because it is stricter."""
    schema = resolve(schema)
    parts = [merged(part) for part in schema.get("allOf", []) + schema.get("oneOf", [])]
    whole = {}
    for part in (*parts, schema):
        for keyword in ("properties", "additionalProperties", "items"):
            if isinstance(part.get(keyword), dict) and keyword == "properties":
                whole.setdefault(keyword, {}).update(part[keyword])
            elif keyword in part:
                whole[keyword] = part[keyword]
        whole["required"] = [*whole.get("required", []), *part.get("required", [])]
    return {**schema, **whole}


def branches(schema):
    """The schema and all schemas that it contains through allOf and oneOf, resolved."""
    schema = resolve(schema)
    yield schema
    for part in schema.get("allOf", []) + schema.get("oneOf", []):
        yield from branches(part)


def has_type(value, name):
    if name in ("number", "integer"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (name == "number" or value == int(value))
    return isinstance(value, TYPES[name])


def as_list(value):
    return value if isinstance(value, list) else [value]


class Rules:
    """What a schema demands, looked up once: answers have thousands of members."""

    known = {}

    def __init__(self, schema):
        self.schema = schema  # keeps its id from being used again
        schema = resolve(schema)
        self.types, self.possible = types_of(schema), possible_types(schema)
        self.checks = [(CHECKS[keyword], rule) for keyword, rule in schema.items() if keyword not in
                       IGNORED | {"properties", "additionalProperties", "required"}]
        # Without the type, which most values fit.
        self.others = [check for check in self.checks if check[0] is not CHECKS["type"]]
        self.required = schema.get("required", [])
        self.described, self.more = schema.get("properties", {}), schema.get("additionalProperties", True)
        # The classes whose values need no other look: most members are such.
        self.enough = set() if self.others else self.types - {dict}

    @classmethod
    def of(cls, schema):
        if isinstance(schema, bool):
            return schema
        rules = cls.known.get(id(schema))
        if rules is None:
            rules = cls.known[id(schema)] = cls(schema)
        return rules

    @functools.cached_property
    def members(self):  # later, since a schema may contain itself
        return {name: Rules.of(schema) for name, schema in self.described.items()}

    @functools.cached_property
    def other(self):
        return Rules.of(self.more)


def types_of(schema):
    """The classes whose values fit the type for certain."""
    classes = {**{name: {kind} for name, kind in TYPES.items()}, "integer": {int}, "number": {int, float}}
    return set().union(*(classes[name] for name in as_list(schema.get("type", []))))


def possible_types(schema):
    """The classes of which some value fits the type."""
    if "type" not in schema:
        return {*TYPES.values(), int, float}
    return types_of(schema) | ({float} if "integer" in as_list(schema["type"]) else set())


def fits(value, schema):
    """Whether the value has no deviation. Most branches of a oneOf fail by their type."""
    rules = Rules.of(schema)
    return type(value) in rules.possible and not faults_by(rules, value)


def faults(value, schema):
    """Returns the deviations of the value from the schema, each with its place."""
    return faults_by(Rules.of(schema), value)


def faults_by(rules, value):
    found = []
    for check_value, rule in rules.others if type(value) in rules.types else rules.checks:
        found += check_value(value, rule)
    if isinstance(value, dict):
        found += object_faults(value, rules)
    return found


def object_faults(value, rules):
    found = [f": {name} is missing" for name in rules.required if name not in value]
    members, other = rules.members, rules.other
    for name, member in value.items():
        rule = members.get(name, other)
        if rule is False:
            found.append(f": {name} is not described")
        elif rule is not True and type(member) not in rule.enough:
            found += [f"/{name}{fault}" for fault in faults_by(rule, member)]
    return found


def only_for(kind, test):
    """A check that ignores values of other types."""
    return lambda value, rule: () if not isinstance(value, kind) or isinstance(
        value, bool) or test(value, rule) else [f": {value!r} against {rule!r}"]


def check_items(value, rule):
    if not isinstance(value, list):
        return ()
    rules = Rules.of(rule)
    return [f"/{n}{fault}" for n, item in enumerate(value) if type(item) not in rules.enough
            for fault in faults_by(rules, item)]


CHECKS = {
    "type": lambda value, rule: () if any(has_type(value, name) for name in as_list(rule))
    else [f": {value!r} is no {rule}"],
    "enum": lambda value, rule: () if value in rule else [f": {value!r} is none of {rule}"],
    "const": lambda value, rule: () if value == rule else [f": {value!r} is not {rule!r}"],
    "not": lambda value, rule: () if faults(value, rule) else [f": {value!r} fits {rule}"],
    "oneOf": lambda value, rule: () if sum(fits(value, one) for one in rule) == 1
    else [f": {value!r} fits not just one of {rule}"],
    "allOf": lambda value, rule: [fault for one in rule for fault in faults(value, one)],
    "items": check_items,
    "minimum": only_for((int, float), lambda value, rule: value >= rule),
    "maximum": only_for((int, float), lambda value, rule: value <= rule),
    "minLength": only_for(str, lambda value, rule: len(value) >= rule),
    "maxLength": only_for(str, lambda value, rule: len(value) <= rule),
    "pattern": only_for(str, lambda value, rule: re.search(rule, value)),
    "minItems": only_for(list, lambda value, rule: len(value) >= rule),
    "maxItems": only_for(list, lambda value, rule: len(value) <= rule),
    "maxProperties": only_for(dict, lambda value, rule: len(value) <= rule),
}


PATHS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), row)
         for template, row in DOCUMENT["paths"].items()]


def find_path(path):
    """The document's entry for a path as sent, or None."""
    path = path.split("?")[0]
    return next((row for template, row in PATHS if template.fullmatch(path)), None)


def check(method, path, status, headers, body):
    """Asserts that the document describes this answer."""
    row = find_path(path)
    operation = (row or {}).get("get" if method == "HEAD" else method.lower())
    where = f"{method} {path} {status}"
    if operation is None:
        known = {204} if method == "OPTIONS" else {405} if row else {404}
        assert status in known | {400, 401, 403, 429}, where
        return
    response = operation["responses"].get(str(status))
    assert response is not None, f"{where}: this status is not described"
    if not body:
        return
    kind = headers["Content-Type"].split(";")[0]
    described = resolve(response).get("content", {})
    assert kind in described, f"{where}: {kind} is not described"
    if kind.endswith("json"):
        found = faults(json.loads(body), described[kind]["schema"])
        assert not found, f"{where}: {found}"
