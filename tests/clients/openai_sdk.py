"""OpenAI's own Python package: what it can ask for in Chat Completions, and kokunai takes, it gets."""

import json
from datetime import date
from enum import Enum
from types import SimpleNamespace
from typing import Literal

import openai
from pydantic import BaseModel, Field

from checks import IMAGE, MODEL, PDF, URL, is_read_back, run

PROMPT = "日本の首都はどこですか。"


def tool(name, description):
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": city}}


WEATHER, TIME = tool("weather", "The weather in a city"), tool("time", "The time in a city")
USE_WEATHER = 'stand-in: use weather {"city": "東京"}'
RESULTS = {"weather": "晴れ、12 °C", "time": "午前九時"}


class Place(BaseModel):
    name: str
    population: int


class Kind(Enum):
    CAPITAL = "capital"
    PORT = "port"


class Mayor(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    since: date


class City(BaseModel):
    """Of every kind of field that needs more than a type; Bedrock takes no constraint."""

    form: Literal["city"]
    name: str = Field(pattern="^.+$")
    kind: Kind
    mayor: Mayor = Field(description="Who governs it.")
    deputy: Mayor | None
    population: int = Field(ge=1, le=40_000_000)
    area: float = Field(gt=0)
    wards: list[Mayor] = Field(max_length=23)
    twins: list[str] = Field(min_length=1)


MAYOR = Mayor(name="東京", since=date(2026, 11, 23))
CITY = City(
    form="city",
    name="東京",
    kind=Kind.CAPITAL,
    mayor=MAYOR,
    deputy=MAYOR,
    population=1,
    area=1,
    wards=[],
    twins=["東京"],
)


# The package would try again by itself, and hide what came first.
client = openai.OpenAI(base_url=f"{URL}/v1", api_key="local", max_retries=0)


def request(content, **fields):
    """A prompt, as the package's users write it."""
    return {"model": MODEL, "messages": [{"role": "user", "content": content}]} | fields


def whole(**fields):
    return client.chat.completions.create(**fields)


def streamed(**fields):
    """A completion that the package assembles from its chunks."""
    with client.chat.completions.stream(**fields, stream_options={"include_usage": True}) as stream:
        return stream.get_final_completion()


def answers_whole():
    instructions = [{"role": role, "content": "You answer in one sentence."} for role in ["system", "developer"]]
    completion = whole(**request(PROMPT) | {"messages": [*instructions, {"role": "user", "content": PROMPT}]})
    assert completion.id.startswith("chatcmpl-") and completion.created > 0, completion
    assert completion.model == "claude-sonnet-4-5-20250929", completion.model
    (choice,) = completion.choices
    is_read_back(choice.message.content, PROMPT)
    assert (choice.finish_reason, choice.message.role, choice.message.tool_calls) == ("stop", "assistant", None), choice
    usage = completion.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0, usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    assert usage.prompt_tokens_details.cached_tokens == usage.completion_tokens_details.reasoning_tokens == 0, usage


def answers_in_a_stream():
    chunks = list(client.chat.completions.create(**request(PROMPT), stream=True))
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].delta.content]
    assert len(texts) > 1, texts
    is_read_back("".join(texts), PROMPT)
    assert chunks[0].choices[0].delta.role == "assistant", chunks[0]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"], chunks
    assert len({(chunk.id, chunk.created) for chunk in chunks}) == 1, chunks
    assert all(chunk.usage is None for chunk in chunks), chunks


def a_stream_tells_its_usage_if_asked():
    options = {"include_usage": True}
    *chunks, last = client.chat.completions.create(**request(PROMPT), stream=True, stream_options=options)
    assert all(chunk.choices and chunk.usage is None for chunk in chunks), chunks
    assert last.choices == [] and last.usage == whole(**request(PROMPT)).usage, last


def uses_a_tool(ask):
    """One round trip: the model calls the tool, hears its result, and answers."""
    first = request(USE_WEATHER, tools=[WEATHER])
    (choice,) = ask(**first).choices
    assert choice.finish_reason == "tool_calls" and choice.message.content, choice
    (call,) = choice.message.tool_calls
    assert (call.type, call.function.name) == ("function", "weather"), call
    assert json.loads(call.function.arguments) == {"city": "東京"}, call
    is_read_back(ask(**with_results(first, choice.message)).choices[0].message.content, RESULTS["weather"])


def with_results(first, message):
    """The request that follows a message which calls tools: the message as it came, and a result for each call."""
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": RESULTS[call.function.name]} for call in message.tool_calls
    ]
    return {**first, "messages": [*first["messages"], message, *results]}


def uses_a_tool_whole():
    uses_a_tool(whole)


def uses_a_tool_in_a_stream():
    uses_a_tool(streamed)


def uses_tools_in_parallel(ask):
    """Bedrock, and so the stand-in, refuses a turn that lacks the result of one of the calls."""
    first = request("stand-in: tool 2", tools=[WEATHER, TIME])
    message = ask(**first).choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["weather", "time"], message
    assert len({call.id for call in message.tool_calls}) == 2, message
    assert all(json.loads(call.function.arguments)["city"] for call in message.tool_calls), message
    is_read_back(ask(**with_results(first, message)).choices[0].message.content, RESULTS["time"])
    alone = ask(**first, parallel_tool_calls=False).choices[0].message
    assert [call.function.name for call in alone.tool_calls] == ["weather"], alone


def uses_tools_in_parallel_whole():
    uses_tools_in_parallel(whole)


def uses_tools_in_parallel_in_a_stream():
    uses_tools_in_parallel(streamed)


def chooses_as_it_is_told():
    def called(choice):
        message = whole(**request(PROMPT, tools=[WEATHER, TIME], tool_choice=choice)).choices[0].message
        return [call.function.name for call in message.tool_calls or []]

    assert called("required") == ["weather"]
    assert called({"type": "function", "function": {"name": "time"}}) == ["time"]
    assert called("auto") == called("none") == []


def fills_in_a_form():
    fields = request("東京", response_format=Place)
    for message in [client.chat.completions.parse(**fields), streamed(**fields)]:
        assert message.choices[0].message.parsed == Place(name="東京", population=1), message


def fills_in_a_form_with_constraints():
    fields = request("東京", response_format=City)
    response = client.chat.completions.with_raw_response.parse(**fields)
    for completion in [response.parse(), streamed(**fields)]:
        assert completion.choices[0].message.parsed == CITY, completion
    left_out = response.headers.get("kokunai-dropped-fields")
    assert left_out == "response_format.json_schema.schema: constraints", left_out


def uses_a_tool_with_constraints():
    fields = request("東京", tools=[openai.pydantic_function_tool(City)], tool_choice="required")
    response = client.chat.completions.with_raw_response.parse(**fields)
    for completion in [response.parse(), streamed(**fields)]:
        (call,) = completion.choices[0].message.tool_calls
        assert call.function.parsed_arguments == CITY, call
    left_out = response.headers.get("kokunai-dropped-fields")
    assert left_out == "tools.*.function.parameters: constraints", left_out


def a_recursive_form_is_refused_by_name():
    class Part(BaseModel):
        parts: list["Part"]

    try:
        client.chat.completions.parse(**request(PROMPT, response_format=Part))
    except openai.BadRequestError as error:
        assert error.param.startswith("response_format.json_schema.schema.$defs.Part"), error.param
    else:
        raise AssertionError("no error")


def a_form_that_is_not_filled_in_says_why():
    for prompt, limit, error in [
        ("stand-in: refusal", 500, openai.ContentFilterFinishReasonError),
        ("stand-in: long 500", 2, openai.LengthFinishReasonError),
    ]:
        try:
            client.chat.completions.parse(**request(prompt, response_format=Place, max_completion_tokens=limit))
        except error:
            continue
        raise AssertionError(f"{prompt}: no {error.__name__}")


def every_end_has_its_reason(ask):
    def end(prompt, **fields):
        (choice,) = ask(**request(prompt, **fields)).choices
        return choice.finish_reason, choice.message

    reason, message = end("stand-in: refusal")
    assert reason == "content_filter" and message.refusal and not message.content, message
    reason, message = end("stand-in: long 500", max_completion_tokens=2)
    assert reason == "length" and len(message.content) == 8, message
    for stop in ["Bedrock", ["never", "Bedrock"]]:
        reason, message = end(PROMPT, stop=stop)
        assert reason == "stop" and message.content.endswith("for Amazon "), message


def every_end_has_its_reason_whole():
    every_end_has_its_reason(whole)


def every_end_has_its_reason_in_a_stream():
    def ask(**fields):
        # The package's own assembly raises at a limit instead of giving what there is.
        choices = [chunk.choices[0] for chunk in client.chat.completions.create(**fields, stream=True)]
        last, content = choices[-1], "".join(choice.delta.content or "" for choice in choices)
        message = SimpleNamespace(content=content, refusal=last.delta.refusal)
        return SimpleNamespace(choices=[SimpleNamespace(finish_reason=last.finish_reason, message=message)])

    every_end_has_its_reason(ask)


def sees(part, data):
    """The stand-in refuses what is not base64, and counts what it reads."""
    text = {"type": "text", "text": PROMPT}
    alone = whole(**request([text]))
    for ask in [whole, streamed]:
        completion = ask(**request([part, text]))
        is_read_back(completion.choices[0].message.content, PROMPT)
        assert completion.usage.prompt_tokens >= alone.usage.prompt_tokens + len(data) // 4, completion.usage


def sees_an_image():
    sees({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}, IMAGE)


def sees_a_pdf():
    data = f"data:application/pdf;base64,{PDF}"
    sees({"type": "file", "file": {"filename": "report.pdf", "file_data": data}}, PDF)


def dropped(**fields):
    """The answer, and what it says that it had to do without."""
    response = client.chat.completions.with_raw_response.create(**fields)
    return response.parse(), response.headers.get("kokunai-dropped-fields")


def reasons():
    """Thoughts do not come back in this dialect, so after a call the model goes on without thinking, and that is said."""
    first = request(USE_WEATHER, tools=[WEATHER], reasoning_effort="low")
    completion, left_out = dropped(**first)
    # The thought is among the tokens, and nobody counts it apart.
    assert left_out is None and completion.usage.completion_tokens_details is None, completion
    completion, left_out = dropped(**with_results(first, completion.choices[0].message))
    is_read_back(completion.choices[0].message.content, RESULTS["weather"])
    assert left_out == "reasoning_effort", left_out
    completion, left_out = dropped(**request(PROMPT, reasoning_effort="none"))
    assert left_out is None and completion.usage.completion_tokens_details.reasoning_tokens == 0, completion


def is_told_which_hints_were_dropped():
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}", "detail": "high"}}
    text = {"type": "text", "text": PROMPT}
    _, left_out = dropped(**request([image, text], prompt_cache_key="orders"))
    assert left_out == "prompt_cache_key, messages.*.content.*.image_url.detail", left_out


def lists_the_one_model():
    assert [model.id for model in client.models.list()] == ["claude-sonnet-4-5-20250929"]
    model = client.models.retrieve(MODEL)
    assert (model.object, model.owned_by) == ("model", "anthropic") and model.created > 0, model


run(
    [
        answers_whole,
        answers_in_a_stream,
        a_stream_tells_its_usage_if_asked,
        uses_a_tool_whole,
        uses_a_tool_in_a_stream,
        uses_tools_in_parallel_whole,
        uses_tools_in_parallel_in_a_stream,
        chooses_as_it_is_told,
        fills_in_a_form,
        fills_in_a_form_with_constraints,
        uses_a_tool_with_constraints,
        a_recursive_form_is_refused_by_name,
        a_form_that_is_not_filled_in_says_why,
        every_end_has_its_reason_whole,
        every_end_has_its_reason_in_a_stream,
        sees_an_image,
        sees_a_pdf,
        reasons,
        is_told_which_hints_were_dropped,
        lists_the_one_model,
    ]
)
