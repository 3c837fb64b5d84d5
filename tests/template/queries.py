"""The saved queries: their names, where they look, and that every field that they name is in a line."""

import re
from collections.abc import Iterator

from settings import Settings
from translation import ROOT, Check, Mistakes, Template, differs, of_type

BOTH = ["ApiLogGroup", "WorkerLogGroup"]

# What each is called, and the log groups that it reads.
TABLE = {
    "PromptsAndProofs": ("prompts-and-proofs", [*BOTH, "AuditLogGroup"]),
    "SlowestPrompts": ("slowest", BOTH),
    "CostliestCallers": ("costliest-callers", BOTH),
    "ErrorsByLabel": ("errors-by-label", BOTH),
    "OnePromptByAnyId": ("one-prompt-by-any-id", [*BOTH, "AuditLogGroup"]),
}

# By what a prompt is known: to Lambda, to Bedrock, to SQS, and to X-Ray.
IDS = ("request_id", "bedrock.request_id", "bedrock.earlier_request_ids", "queue.message_id", "trace_id")

# The words of the language, but for the names that a query gives to its own columns.
WORDS = set(
    "filter ispresent not or and like sort asc desc limit display fields coalesce as stats sum count by earliest latest"
    " sortsLast".split()
)


def saved(template: Template) -> dict[str, dict]:
    return of_type(template, "AWS::Logs::QueryDefinition")


def commands_of(query: dict) -> str:
    return "\n".join(line for line in query["QueryString"].splitlines() if not line.strip().startswith("#"))


def the_saved_queries_are_those_of_the_table(template: Template, _: Settings) -> Iterator[str]:
    found = {name: (query["Name"], query["LogGroupNames"]) for name, query in saved(template).items()}
    wanted = {name: (f"kokunai/{called}", groups) for name, (called, groups) in TABLE.items()}
    yield from differs("the saved queries", found, wanted)


def every_field_of_a_query_is_in_a_line(template: Template, _: Settings) -> Iterator[str]:
    """Lambda and CloudWatch add none that is asked for here."""
    sources = [ROOT / "src" / "telemetry.rs", *(ROOT / "src" / "telemetry").rglob("*.rs")]
    text = "".join(source.read_text() for source in sources)
    written = set(re.findall(r"^\s+([a-z_.]+) = ", text, re.MULTILINE)) | {"timestamp", "message"}
    for name, query in saved(template).items():
        commands = commands_of(query)
        bare = re.sub(r'`[^`]+`|"[^"]*"', "", commands)
        yield from differs(f"names in {name} with a dot but without backticks", re.findall(r"\w+\.\w+", bare), [])
        named = set(re.findall(r"`([^`]+)`", commands)) | set(re.findall(r"[a-z]\w*", bare, re.IGNORECASE))
        columns = set(re.findall(r" as (\w+)", commands))
        yield from differs(f"fields of {name} that no line has", sorted(named - columns - WORDS - written), [])


def every_query_is_the_published_one(template: Template, _: Settings) -> Iterator[str]:
    """Whose fields the function's own tests hold against the schema of the line."""
    files = {path.stem: path.read_text().rstrip("\n") for path in (ROOT / "docs" / "queries").glob("*.logs-insights")}
    texts = {query["Name"].removeprefix("kokunai/"): query["QueryString"] for query in saved(template).values()}
    yield from differs("the queries", texts, files)


def a_prompt_is_found_by_each_of_its_ids(template: Template, _: Settings) -> Iterator[str]:
    commands = commands_of(saved(template)["OnePromptByAnyId"])
    filtered = commands.split("| sort")[0].replace("`", "")
    asked = re.findall(r'([\w.]+) (?:=|like) "ID"', filtered)
    yield from differs("the IDs that are asked for", asked, list(IDS))


def a_cost_is_summed_by_caller(template: Template, _: Settings) -> Iterator[str]:
    commands = " ".join(commands_of(saved(template)["CostliestCallers"]).split())
    for part in ("coalesce(caller, source) as who", "sum(cost_usd) as usd", "by who", "sort usd desc"):
        yield from differs(f"whether it says {part!r}", part in commands, True)


def each_saved_query_is_explained_in_both_languages(template: Template, _: Settings) -> Iterator[str]:
    names = {query["Name"].removeprefix("kokunai/") for query in saved(template).values()}
    for page, title in (("operations.md", "Saved queries"), ("operations.ja.md", "保存済みクエリ")):
        section = (ROOT / "docs" / page).read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]
        explained = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
        yield from differs(f"the queries in {page}", sorted(explained), sorted(names))


PROMISES: tuple[Check, ...] = (
    the_saved_queries_are_those_of_the_table,
    every_field_of_a_query_is_in_a_line,
    every_query_is_the_published_one,
    a_prompt_is_found_by_each_of_its_ids,
    a_cost_is_summed_by_caller,
    each_saved_query_is_explained_in_both_languages,
)

MISTAKES: Mistakes = (
    ("        - !Ref AuditLogGroup\n      QueryString", "      QueryString", the_saved_queries_are_those_of_the_table),
    ("/costliest-callers", "/costliest", the_saved_queries_are_those_of_the_table),
    ("count(`residency.profile`)", "count(`residency.profiles`)", every_field_of_a_query_is_in_a_line),
    ("sortsLast(`audit.region`)", "sortsLast(audit.region)", every_field_of_a_query_is_in_a_line),
    ("sort duration_ms desc", "sort duration desc", every_field_of_a_query_is_in_a_line),
    ("        | limit 100\n", "        | limit 10\n", every_query_is_the_published_one),
    ('or trace_id = "ID"', 'or request_id = "ID"', a_prompt_is_found_by_each_of_its_ids),
    (
        'Name: !Sub "${AWS::StackName}/errors-by-label"',
        'Name: !Sub "${AWS::StackName}/errors"',
        each_saved_query_is_explained_in_both_languages,
    ),
    ("sum(cost_usd) as usd", "sum(quota_tokens) as usd", a_cost_is_summed_by_caller),
)
