"""The template as CloudFormation would see it: translated by SAM, with everything resolved that can be."""

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from settings import FIGURES, PARAMETERS, Settings

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
REGION = "ap-northeast-1"
ACCOUNT = "123456789012"

# The functions that ask the model, and the one that watches where it was asked.
ASKING = ("ApiFunction", "WorkerFunction")
AUDIT = "AuditFunction"

# The one that says whose key a request has; it is there only where the API takes keys.
AUTHORISER = "AuthoriserFunction"

# The translator reads the Region from here; none of the tools needs credentials or a network.
os.environ.update(AWS_DEFAULT_REGION=REGION, SAM_CLI_TELEMETRY="0")

from samcli.yamlhelper import yaml_parse  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402

# It warns about feature flags that only AWS itself sets.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

Template = dict

Check = Callable[[Template, Settings], Iterator[str]]

# Mistakes that somebody will make one day: the text, what it becomes, and the check that has to notice.
Mistakes = tuple[tuple[str, str, Check], ...]


class NoManagedPolicies:
    """Stands for IAM's list of managed policies, which the template does not use."""

    def load(self) -> dict:
        return {}


def translate(text: str, settings: Settings) -> Template:
    """The CloudFormation template that SAM makes of `text`, with the settings as the defaults of their parameters."""
    template = yaml_parse(text)
    chosen = dict(zip(PARAMETERS, settings, strict=True))
    for name, value in {**chosen, **FIGURES}.items():
        template["Parameters"][name]["Default"] = value
    upload_code(template)
    parameters = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    return transform(template, parameters, NoManagedPolicies(), passthrough_metadata=True)


def mistaken(text: str, old: str, new: str) -> str:
    if old not in text:
        raise LookupError(f"the template does not say {old!r} any more: adapt this mistake")
    return text.replace(old, new)


def upload_code(template: Template) -> None:
    """Replaces local code by an object in S3, as `sam deploy` does before it sends the template off."""
    functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    for properties in [template["Globals"]["Function"], *functions]:
        if "CodeUri" in properties:
            properties["CodeUri"] = f"s3://code/{properties['CodeUri']}"


def resolve(node: object, template: Template) -> object:
    """`node` with its references, look-ups, substitutions and choices replaced by their values."""
    if isinstance(node, list):
        items = (resolve(item, template) for item in node)
        return [item for item in items if item is not NO_VALUE]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        [(name, argument)] = node.items()
        if name in INTRINSICS:
            return INTRINSICS[name](argument, template)
    fields = {key: resolve(value, template) for key, value in node.items()}
    return {key: value for key, value in fields.items() if value is not NO_VALUE}


def value_of(name: str, template: Template) -> object:
    """What `Ref` gives: a pseudo parameter, a parameter's default, or the name of a resource."""
    pseudo = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": "kokunai", "AWS::NoValue": NO_VALUE}
    parameter = template["Parameters"].get(name, {})
    return pseudo.get(name, parameter.get("Default", name))


def find_in_map(argument: list, template: Template) -> object:
    first, second, third = resolve(argument, template)
    return template["Mappings"][first][second][third]


def substitute(argument: str | list, template: Template) -> str:
    text, values = (argument, {}) if isinstance(argument, str) else argument
    values = resolve(values, template)
    return re.sub(r"\$\{([^}]+)}", lambda m: str(values.get(m[1], value_of(m[1], template))), text)


def choose(argument: list, template: Template) -> object:
    condition, if_true, if_false = argument
    return resolve(if_true if resolve(template["Conditions"][condition], template) else if_false, template)


def equal(argument: list, template: Template) -> bool:
    one, other = resolve(argument, template)
    return one == other


def negate(argument: list, template: Template) -> bool:
    [condition] = resolve(argument, template)
    return not condition


def all_hold(argument: list, template: Template) -> bool:
    """Of an `And` every part, of which one may be another condition by its name."""
    parts = (template["Conditions"][part["Condition"]] if "Condition" in part else part for part in argument)
    return all(resolve(part, template) for part in parts)


def split(argument: list, template: Template) -> list[str]:
    separator, text = resolve(argument, template)
    return text.split(separator)


def select(argument: list, template: Template) -> object:
    place, items = resolve(argument, template)
    return items[int(place)]


# Removes the list item or the field that it is given for.
NO_VALUE = object()

INTRINSICS = {
    "Ref": value_of,
    "Fn::FindInMap": find_in_map,
    "Fn::If": choose,
    "Fn::Equals": equal,
    "Fn::Not": negate,
    "Fn::And": all_hold,
    "Fn::Split": split,
    "Fn::Select": select,
    "Fn::Sub": substitute,
    "Fn::GetAtt": lambda argument, _: argument if isinstance(argument, str) else ".".join(argument),
}


def deployed(template: Template, section: str = "Resources") -> dict[str, dict]:
    """The resources, or the outputs, whose condition holds."""

    def exists(entry: dict) -> bool:
        return "Condition" not in entry or resolve(template["Conditions"][entry["Condition"]], template)

    return {name: entry for name, entry in template[section].items() if exists(entry)}


def of_type(template: Template, kind: str) -> dict[str, dict]:
    """The resolved properties of all resources of one type, by name."""
    resources = deployed(template).items()
    return {name: resolve(r.get("Properties", {}), template) for name, r in resources if r["Type"] == kind}


def properties(template: Template, name: str) -> dict:
    return resolve(template["Resources"][name]["Properties"], template)


def statements(template: Template) -> Iterator[tuple[str, dict]]:
    """Every IAM statement, with the resource and the property that it stands in; actions and resources are lists."""
    for name, resource in deployed(template).items():
        for field, value in resolve(resource.get("Properties", {}), template).items():
            for statement in statements_in(value):
                lists = {key: as_list(statement[key]) for key in ("Action", "Resource") if key in statement}
                yield f"{name}.{field}", {**statement, **lists}


def statements_in(node: object) -> Iterator[dict]:
    """What has an `Effect` is a statement: nothing else in the template has one."""
    if isinstance(node, dict) and "Effect" in node:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from statements_in(child)


def as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]


def differs(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what} is {json.dumps(found)}, not {json.dumps(wanted)}"
