"""Where the stack may be, and whom it may ask."""

import re
from collections.abc import Iterator

from settings import Settings
from translation import REGION, ROOT, Check, Mistakes, Template, differs


def deploys_in_tokyo_only(template: Template, _: Settings) -> Iterator[str]:
    rules = template.get("Rules", {})
    wanted = [{"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}]
    found = [a["Assert"] for rule in rules.values() if "RuleCondition" not in rule for a in rule["Assertions"]]
    yield from differs("the rules that hold for every stack", found, wanted)


def the_pin_is_the_one_of_the_function(template: Template, _: Settings) -> Iterator[str]:
    source = (ROOT / "src" / "residency.rs").read_text()
    constants = dict(re.findall(r'^pub(?:\(crate\))? const (\w+): &str = "([^"]+)";', source, re.MULTILINE))
    japan = template["Mappings"]["Residency"]["Japan"]
    yield from differs("the Region", japan["Tokyo"], constants.get("REGION"))
    yield from differs("the profile", japan["Profile"], constants.get("PROFILE_ID"))
    yield from differs("the model", japan["Model"], constants.get("MODEL_ID"))


PROMISES: tuple[Check, ...] = (
    deploys_in_tokyo_only,
    the_pin_is_the_one_of_the_function,
)

MISTAKES: Mistakes = (
    ('!Ref "AWS::Region", ap-northeast-1]', '!Ref "AWS::Region", ap-northeast-3]', deploys_in_tokyo_only),
    ("Profile: jp.anthropic", "Profile: global.anthropic", the_pin_is_the_one_of_the_function),
    ("Model: anthropic.claude-sonnet-4-5", "Model: anthropic.claude-sonnet-4-6", the_pin_is_the_one_of_the_function),
    ("Tokyo: ap-northeast-1", "Tokyo: us-east-1", the_pin_is_the_one_of_the_function),
)
