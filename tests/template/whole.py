"""What the template promises as it is written, and from one deployment to the next."""

import re
from collections.abc import Iterator
from itertools import combinations, product
from unittest.mock import patch

from settings import SETTINGS, Settings
from translation import ROOT, differs, mistaken, of_type, translate, yaml_parse


def a_change_of_mode_deploys_the_api_again(text: str) -> Iterator[str]:
    """The stage shows a deployment, not the API itself: without a new one it would keep the old integration."""
    modes = (Settings("stream"), Settings("buffered"))
    one, other = (deployment(text, settings, moment) for moment, settings in enumerate(modes))
    if one == other:
        yield f"both modes have the deployment {one}"


def deployment(text: str, settings: Settings, moment: int) -> list[str]:
    with patch("time.time", return_value=moment):
        return list(of_type(translate(text, settings), "AWS::ApiGateway::Deployment"))


def a_frozen_deployment_is_noticed(text: str) -> Iterator[str]:
    if not list(a_change_of_mode_deploys_the_api_again(mistaken(text, "AlwaysDeploy: true", "AlwaysDeploy: false"))):
        yield "a template without AlwaysDeploy passes all the same"


def the_defaults_are_the_safe_ones(text: str) -> Iterator[str]:
    """No token is counted, each prompt is remembered, access is logged, and no trail is paid for."""
    choices = {
        "CountTokens": ("off", "on"),
        "QueueType": ("standard", "fifo"),
        "Idempotency": ("on", "off"),
        "CreateTrail": ("off", "on"),
        "AccessLogs": ("on", "off"),
        "CreateApiGatewayAccountRole": ("on", "off"),
        "CreateVpcEndpoints": ("off", "on"),
        "ChatPromptCache": ("off", "5m", "1h"),
        "ApiAuth": ("IAM", "API_KEY"),
    }
    figures = {
        "QueueConcurrency": 10,
        "WorkerConcurrency": 2,
        "IdempotencyHours": 24,
        "LogLevel": "INFO",
        "TrailRetentionDays": 365,
        "AlarmEmail": "",
        "PricesUsdPerMillion": "",
        "KeyRateLimit": 10,
        "KeyBurstLimit": 20,
        "KeyDailyQuota": 10000,
        "KmsKeyArn": "",
        "ApiReservedConcurrency": "",
        "WorkerReservedConcurrency": "",
        "VpcSubnetIds": "",
    }
    parameters = yaml_parse(text)["Parameters"]
    for name, allowed in choices.items():
        yield from differs(f"the values of {name}", parameters[name]["AllowedValues"], list(allowed))
        yield from differs(f"the default of {name}", parameters[name]["Default"], allowed[0])
    for name, default in figures.items():
        yield from differs(f"the default of {name}", parameters[name]["Default"], default)


def a_default_that_counts_or_forgets_is_noticed(text: str) -> Iterator[str]:
    for old, new in (('Default: "off"', 'Default: "on"'), ('Default: "on"', 'Default: "off"')):
        if not list(the_defaults_are_the_safe_ones(mistaken(text, old, new))):
            yield f"a template with {new} for {old} passes all the same"


def the_hours_are_those_that_the_function_takes(text: str) -> Iterator[str]:
    source = (ROOT / "src" / "settings.rs").read_text()
    least, most, default = re.search(r'"IDEMPOTENCY_TTL_HOURS", (\d+)..=(\d+), (\d+)', source).groups()
    parameter = yaml_parse(text)["Parameters"]["IdempotencyHours"]
    found = [parameter[key] for key in ("MinValue", "MaxValue", "Default")]
    yield from differs("the hours", found, [int(least), int(most), int(default)])


def mail_goes_to_an_address_or_to_nobody(text: str) -> Iterator[str]:
    pattern = yaml_parse(text)["Parameters"]["AlarmEmail"]["AllowedPattern"]
    for address, is_allowed in (("", True), ("a@example.com", True), ("a", False), ("@b", False), ("a@b c@d", False)):
        yield from differs(f"whether {address!r} is allowed", bool(re.fullmatch(pattern, address)), is_allowed)


PRICES = {
    "": True,
    "input:3.30,output:16.50": True,
    "input: 3, cache_read: 0.30": True,
    "cache_write_5m:4.125,cache_write_1h:6.60": True,
    "input:3,input:4": False,
    "input:3,output:4,input:3": False,
    "input:-1": False,
    "input": False,
    "input:3,": False,
    "input:3 output:4": False,
    "inputs:3": False,
    "input:3;": False,
}


def prices_are_those_that_the_function_takes(text: str) -> Iterator[str]:
    """It would not start with others, and then answers nobody."""
    pattern = yaml_parse(text)["Parameters"]["PricesUsdPerMillion"]["AllowedPattern"]
    for prices, is_allowed in PRICES.items():
        yield from differs(f"whether {prices!r} is allowed", bool(re.fullmatch(pattern, prices)), is_allowed)
    source = (ROOT / "src" / "cost.rs").read_text()
    known = re.findall(r'\("([a-z0-9_]+)", &mut self', source)
    yield from differs("the names", sorted(re.search(r"\(([a-z0-9_|]+)\)", pattern)[1].split("|")), sorted(known))


def a_price_that_the_function_refuses_is_noticed(text: str) -> Iterator[str]:
    for old, new in (("|cache_read)", "|cache)"), ("(?!.*", "(?=.*"), ("(,(?=.)|$)", "(,|$)")):
        if not list(prices_are_those_that_the_function_takes(mistaken(text, old, new))):
            yield f"a template with {new} for {old} passes all the same"


def no_pair_of_settings_is_left_out(_: str) -> Iterator[str]:
    """The combinations that are looked at have every value of each setting beside every value of each other one."""
    for one, other in combinations(range(len(Settings._fields)), 2):
        found = {(settings[one], settings[other]) for settings in SETTINGS}
        wanted = set(product(*({settings[place] for settings in SETTINGS} for place in (one, other))))
        names = f"{Settings._fields[one]} and {Settings._fields[other]}"
        yield from differs(f"pairs of {names} without which", sorted(wanted - found), [])


WHOLE = (
    a_change_of_mode_deploys_the_api_again,
    a_frozen_deployment_is_noticed,
    the_defaults_are_the_safe_ones,
    a_default_that_counts_or_forgets_is_noticed,
    the_hours_are_those_that_the_function_takes,
    mail_goes_to_an_address_or_to_nobody,
    prices_are_those_that_the_function_takes,
    a_price_that_the_function_refuses_is_noticed,
    no_pair_of_settings_is_left_out,
)
