"""LangChain's chat model for OpenAI: it invokes, streams, calls tools, and fills in a form."""

import functools
import operator

import openai
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from checks import IMAGE, MODEL, PDF, URL, is_read_back, run

PROMPT = "日本の首都はどこですか。"

model = ChatOpenAI(model=MODEL, base_url=f"{URL}/v1", api_key="local", max_retries=0, stream_usage=True)


@tool
def weather(city: str) -> str:
    """The weather in a city"""
    return f"{city}: 晴れ、12 °C"


@tool
def time(city: str) -> str:
    """The time in a city"""
    return f"{len(city)}: 午前九時"


TOOLS = {"weather": weather, "time": time}


class Place(BaseModel):
    """A place on the map"""

    name: str
    population: int


def invokes():
    message = model.invoke([("system", "You answer in one sentence."), ("user", PROMPT)])
    is_read_back(message.text, PROMPT)
    assert message.response_metadata["finish_reason"] == "stop", message.response_metadata
    assert message.usage_metadata["input_tokens"] > 0, message.usage_metadata


def streams():
    chunks = list(model.stream(PROMPT))
    texts = [chunk.text for chunk in chunks if chunk.text]
    assert len(texts) > 1, texts
    is_read_back("".join(texts), PROMPT)
    (usage,) = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    assert usage["output_tokens"] == model.invoke(PROMPT).usage_metadata["output_tokens"], usage


def whole(model, messages):
    return model.invoke(messages)


def streamed(model, messages):
    return functools.reduce(operator.add, model.stream(messages))


def calls(ask, prompt, *names):
    """One round trip, with the result of every call."""
    equipped = model.bind_tools(list(TOOLS.values()))
    messages = [HumanMessage(prompt)]
    message = ask(equipped, messages)
    assert [call["name"] for call in message.tool_calls] == list(names), message.tool_calls
    results = [TOOLS[call["name"]].invoke(call) for call in message.tool_calls]
    is_read_back(ask(equipped, [*messages, message, *results]).text, results[-1].content)


def calls_a_tool():
    for ask in [whole, streamed]:
        calls(ask, 'stand-in: use weather {"city": "東京"}', "weather")


def calls_tools_in_parallel():
    for ask in [whole, streamed]:
        calls(ask, "stand-in: tool 2", "weather", "time")


def fills_in_a_form(method):
    place = model.with_structured_output(Place, method=method).invoke("東京")
    assert place == Place(name="東京", population=1), place


def fills_in_a_form_by_its_schema():
    fills_in_a_form("json_schema")


def fills_in_a_form_as_a_tool():
    fills_in_a_form("function_calling")


def sees(kind, media_type, data, **fields):
    block = {"type": kind, "source_type": "base64", "mime_type": media_type, "data": data, **fields}
    text = {"type": "text", "text": PROMPT}
    message = model.invoke([HumanMessage([block, text])])
    is_read_back(message.text, PROMPT)
    alone = model.invoke(PROMPT).usage_metadata["input_tokens"]
    assert message.usage_metadata["input_tokens"] >= alone + len(data) // 4, message.usage_metadata


def sees_an_image():
    sees("image", "image/png", IMAGE)


def sees_a_pdf():
    sees("file", "application/pdf", PDF, filename="report.pdf")


def raises_the_exceptions_of_openai():
    for prompt, exception in [
        ("stand-in: throttle", openai.RateLimitError),
        ("stand-in: denied", openai.PermissionDeniedError),
        ("stand-in: unavailable", openai.InternalServerError),
    ]:
        for ask in [whole, streamed]:
            try:
                ask(model, prompt)
            except exception:
                continue
            raise AssertionError(f"{prompt}: no {exception.__name__}")
    try:
        streamed(model, "stand-in: stream-throttle")
    except openai.APIError as error:
        assert error.code == "rate_limit_exceeded", error
    else:
        raise AssertionError("a broken stream raised nothing")


run(
    [
        invokes,
        streams,
        calls_a_tool,
        calls_tools_in_parallel,
        fills_in_a_form_by_its_schema,
        fills_in_a_form_as_a_tool,
        sees_an_image,
        sees_a_pdf,
        raises_the_exceptions_of_openai,
    ]
)
