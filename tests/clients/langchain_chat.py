"""LangChain's chat model for Anthropic: it invokes, streams, calls a tool, and fills in a form."""

import functools
import operator
from typing import TypedDict

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool

from checks import MODEL, URL, is_read_back, run

PROMPT = "日本の首都はどこですか。"

model = ChatAnthropic(model=MODEL, base_url=URL, api_key="local", max_tokens=500, max_retries=0)


@tool
def weather(city: str) -> str:
    """The weather in a city"""
    return f"{city}: 晴れ、12 °C"


class Place(TypedDict):
    """A place on the map"""

    name: str
    population: int


def invokes():
    message = model.invoke([("system", "You answer in one sentence."), ("user", PROMPT)])
    is_read_back(message.text, PROMPT)
    assert message.response_metadata["stop_reason"] == "end_turn", message.response_metadata
    assert message.usage_metadata["input_tokens"] > 0, message.usage_metadata


def streams():
    chunks = list(model.stream(PROMPT))
    texts = [chunk.text for chunk in chunks if chunk.text]
    assert len(texts) > 1, texts
    is_read_back("".join(texts), PROMPT)
    assert chunks[-1].usage_metadata or any(chunk.usage_metadata for chunk in chunks), chunks


def whole(model, messages):
    return model.invoke(messages)


def streamed(model, messages):
    return functools.reduce(operator.add, model.stream(messages))


def calls_a_tool(ask):
    equipped = model.bind_tools([weather])
    messages = [HumanMessage('stand-in: use weather {"city": "東京"}')]
    message = ask(equipped, messages)
    (call,) = message.tool_calls
    assert (call["name"], call["args"]) == ("weather", {"city": "東京"}), call
    result = weather.invoke(call)
    assert isinstance(result, ToolMessage), result
    is_read_back(ask(equipped, [*messages, message, result]).text, "東京: 晴れ、12 °C")


def calls_a_tool_whole():
    calls_a_tool(whole)


def calls_a_tool_in_a_stream():
    calls_a_tool(streamed)


def fills_in_a_form():
    place = model.with_structured_output(Place).invoke("東京")
    assert place == {"name": "東京", "population": 1}, place


run([invokes, streams, calls_a_tool_whole, calls_a_tool_in_a_stream, fills_in_a_form])
