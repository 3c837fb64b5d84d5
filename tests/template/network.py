"""The network: functions in a VPC if that is wanted, and the endpoints by which they reach AWS."""

import re
from collections.abc import Iterator

from settings import FIGURES, Settings
from translation import AUTHORISER, REGION, ROOT, Check, Mistakes, Template, differs, of_type, properties

INTERFACES = {"BedrockRuntimeEndpoint": "bedrock-runtime", "BedrockEndpoint": "bedrock", "SqsEndpoint": "sqs"}
GATEWAYS = {"TableEndpoint": "dynamodb", "StackEndpoint": "s3"}
ENDPOINTS = {**INTERFACES, **GATEWAYS}

# What is asked only by the authoriser, which is in no VPC and sees no prompt.
OUTSIDE = {"apigateway"}

GROUPS = FIGURES["VpcSecurityGroupIds"].split(",")


def every_function_is_in_the_vpc_or_none_is(template: Template, settings: Settings) -> Iterator[str]:
    """But for the authoriser, which never is."""
    within = {"SubnetIds": settings.subnets.split(","), "SecurityGroupIds": GROUPS}
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        wanted = within if settings.subnets and name != AUTHORISER else None
        yield from differs(f"{name}'s network", function.get("VpcConfig"), wanted)


def the_endpoints_are_those_of_what_the_functions_call(template: Template, settings: Settings) -> Iterator[str]:
    """What each lets pass is in the table of access_table.py."""
    found = of_type(template, "AWS::EC2::VPCEndpoint")
    wanted = ENDPOINTS if settings.subnets and settings.endpoints == "on" else {}
    services = {name: endpoint["ServiceName"] for name, endpoint in found.items()}
    yield from differs("the endpoints", services, {it: f"com.amazonaws.{REGION}.{of}" for it, of in wanted.items()})
    placed = {"VpcEndpointType": "Interface", "SubnetIds": settings.subnets.split(",")}
    own = {**placed, "SecurityGroupIds": ["EndpointSecurityGroup"], "PrivateDnsEnabled": True}
    routed = {"VpcEndpointType": "Gateway", "RouteTableIds": FIGURES["VpcRouteTableIds"].split(",")}
    for name, endpoint in found.items():
        rest = {key: value for key, value in endpoint.items() if key not in ("ServiceName", "PolicyDocument", "Tags")}
        shape = own if name in INTERFACES else routed
        yield from differs(name, rest, {**shape, "VpcId": FIGURES["VpcId"]})


def every_host_of_the_function_has_an_endpoint(template: Template, _: Settings) -> Iterator[str]:
    """The hosts that the pin lets pass, each by the service that its name begins with."""
    sources = [ROOT / "src" / "residency.rs", *(ROOT / "src" / "residency").glob("*.rs")]
    text = "".join(source.read_text() for source in sources)
    services = set(re.findall(rf"\b([a-z0-9-]+)[.-]{REGION}\.amazonaws\.com", text))
    reached = {it["ServiceName"].rsplit(".", 1)[1] for it in template_endpoints(template)}
    yield from differs("services without an endpoint", sorted(services - reached - OUTSIDE), [])


def template_endpoints(template: Template) -> list[dict]:
    """Also where they are not deployed."""
    return [properties(template, name) for name in ENDPOINTS]


def only_the_functions_reach_the_endpoints(template: Template, settings: Settings) -> Iterator[str]:
    groups = of_type(template, "AWS::EC2::SecurityGroup")
    if not settings.subnets or settings.endpoints == "off":
        yield from differs("the security groups", list(groups), [])
        return
    [ingress] = groups["EndpointSecurityGroup"]["SecurityGroupIngress"]
    wanted = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": GROUPS[0]}
    yield from differs("who comes in", {key: ingress.get(key) for key in wanted}, wanted)
    out = [it["CidrIp"] for it in groups["EndpointSecurityGroup"]["SecurityGroupEgress"]]
    yield from differs("where they go out to", out, ["127.0.0.1/32"])


def what_belongs_together_is_given_together(template: Template, _: Settings) -> Iterator[str]:
    """Or CloudFormation refuses, and says which parameter is missing."""
    needs = {
        "SubnetsHaveSecurityGroups": ["VpcSecurityGroupIds"],
        "EndpointsHaveAVpc": ["VpcSubnetIds", "VpcId", "VpcRouteTableIds"],
    }
    for name, wanted in needs.items():
        rule = template["Rules"][name]
        asserted = [it["Assert"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"] for it in rule["Assertions"]]
        yield from differs(f"what {name} asks for", asserted, wanted)
        for parameter, assertion in zip(wanted, rule["Assertions"], strict=True):
            yield from differs("whether it is named", parameter in assertion["AssertDescription"], True)


PROMISES: tuple[Check, ...] = (
    every_function_is_in_the_vpc_or_none_is,
    the_endpoints_are_those_of_what_the_functions_call,
    every_host_of_the_function_has_an_endpoint,
    only_the_functions_reach_the_endpoints,
    what_belongs_together_is_given_together,
)

MISTAKES: Mistakes = (
    (
        'InVpc: !Not [!Equals [!Ref VpcSubnetIds, ""]]',
        'InVpc: !Equals ["", ""]',
        every_function_is_in_the_vpc_or_none_is,
    ),
    ('      VpcConfig: !Ref "AWS::NoValue"\n', "", every_function_is_in_the_vpc_or_none_is),
    ("      - SubnetIds: !Split", "      - Subnets: !Split", every_function_is_in_the_vpc_or_none_is),
    ("PrivateDnsEnabled: true", "PrivateDnsEnabled: false", the_endpoints_are_those_of_what_the_functions_call),
    ("    - !Condition InVpc\n", "", the_endpoints_are_those_of_what_the_functions_call),
    ('.sqs"\n', '.sns"\n', every_host_of_the_function_has_an_endpoint),
    ("FromPort: 443", "FromPort: 0", only_the_functions_reach_the_endpoints),
    ("CidrIp: 127.0.0.1/32", "CidrIp: 0.0.0.0/0", only_the_functions_reach_the_endpoints),
    (
        '      - Assert: !Not [!Equals [!Ref VpcId, ""]]\n        AssertDescription: CreateVpcEndpoints needs VpcId.\n',
        "",
        what_belongs_together_is_given_together,
    ),
)
