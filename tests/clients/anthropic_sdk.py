"""Anthropic's own Python package, in its 0.x and its 2.x line: what it can ask for, it gets."""

import anthropic

from checks import COUNTING_URL, IMAGE, MODEL, PDF, URL, is_read_back, run

PROMPT = "日本の首都はどこですか。"

WEATHER = {
    "name": "weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
USE_WEATHER = 'stand-in: use weather {"city": "東京"}'
SUNNY = "晴れ、12 °C"

THINKING = {"max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024}}

# The package would try again by itself, and hide what came first.
client = anthropic.Anthropic(base_url=URL, api_key="local", max_retries=0)
counting = anthropic.Anthropic(base_url=COUNTING_URL, api_key="local", max_retries=0)


def request(content, **fields):
    """A prompt, as the package's users write it."""
    return {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": content}]} | fields


def whole(**fields):
    return client.messages.create(**fields)


def streamed(**fields):
    with client.messages.stream(**fields) as stream:
        return stream.get_final_message()


def answers_whole():
    message = whole(**request(PROMPT, system="You answer in one sentence."))
    is_read_back(message.content[0].text, PROMPT)
    assert (message.stop_reason, message.role) == ("end_turn", "assistant"), message
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0, message.usage


def answers_in_a_stream():
    with client.messages.stream(**request(PROMPT)) as stream:
        texts = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(texts) > 1, texts
    assert "".join(texts) == message.content[0].text, texts
    is_read_back(message.content[0].text, PROMPT)
    assert message.stop_reason == "end_turn" and message.usage.output_tokens > 1, message


def streams_raw_events():
    events = [event.type for event in client.messages.create(**request(PROMPT), stream=True)]
    assert events[0] == "message_start" and events[-2:] == ["message_delta", "message_stop"], events
    assert events.count("content_block_delta") > 1, events


def uses_a_tool(ask, **fields):
    """One round trip: the model uses the tool, hears its result, and answers."""
    first = request(USE_WEATHER, tools=[WEATHER], **fields)
    message = ask(**first)
    assert message.stop_reason == "tool_use", message
    use = message.content[-1]
    assert (use.type, use.name, use.input) == ("tool_use", "weather", {"city": "東京"}), use
    answer = ask(**with_result(first, message))
    is_read_back(answer.content[-1].text, SUNNY)
    return message, answer


def with_result(first, message):
    """The request that follows a message which uses a tool."""
    result = {"type": "tool_result", "tool_use_id": message.content[-1].id, "content": SUNNY}
    turns = [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    return {**first, "messages": first["messages"] + turns}


def uses_a_tool_whole():
    uses_a_tool(whole)


def uses_a_tool_in_a_stream():
    uses_a_tool(streamed)


def thinks(ask):
    """The stand-in refuses a thought that does not come back as it was signed."""
    for message in uses_a_tool(ask, **THINKING):
        assert message.content[0].type == "thinking" and message.content[0].signature, message
    message, _ = uses_a_tool(ask, **THINKING)
    message.content[0].signature = message.content[0].signature[::-1]
    try:
        ask(**with_result(request(USE_WEATHER, tools=[WEATHER], **THINKING), message))
    except anthropic.BadRequestError as error:
        assert "Invalid `signature` in `thinking` block" in error.body["error"]["message"], error
    else:
        raise AssertionError("an altered signature was accepted")


def thinks_whole():
    thinks(whole)


def thinks_in_a_stream():
    thinks(streamed)


def sees(kind, media_type, data):
    """The stand-in refuses what is not base64, and counts what it reads."""
    source = {"type": "base64", "media_type": media_type, "data": data}
    text = {"type": "text", "text": PROMPT}
    alone = whole(**request([text]))
    for ask in [whole, streamed]:
        message = ask(**request([{"type": kind, "source": source}, text]))
        is_read_back(message.content[0].text, PROMPT)
        assert message.usage.input_tokens >= alone.usage.input_tokens + len(data) // 4, message.usage


def sees_an_image():
    sees("image", "image/png", IMAGE)


def sees_a_pdf():
    sees("document", "application/pdf", PDF)


def counts_tokens_if_that_is_on():
    short, long = (request(content) for content in ["hello", "hello " * 100])
    for fields in [short, long]:
        del fields["max_tokens"]
    counts = [counting.messages.count_tokens(**fields).input_tokens for fields in [short, long]]
    assert 0 < counts[0] < counts[1], counts
    # And by itself the package adds a beta that Bedrock does not know.
    assert counting.beta.messages.count_tokens(**short).input_tokens == counts[0]


def has_no_token_counts_if_that_is_off():
    fields = request("hello")
    del fields["max_tokens"]
    try:
        count = client.messages.count_tokens(**fields)
    except anthropic.NotFoundError as error:
        assert error.body["error"]["type"] == "not_found_error", error.body
    else:
        raise AssertionError(f"tokens were counted: {count}")


def lists_the_one_model():
    assert [model.id for model in client.models.list()] == ["claude-sonnet-4-5-20250929"]
    assert client.models.retrieve(MODEL).display_name == "Claude Sonnet 4.5"


def is_told_which_betas_were_dropped():
    betas = ["context-management-2025-06-27", "advanced-tool-use-2025-11-20", "a-beta-of-tomorrow-2099-01-01"]
    edits = {"edits": [{"type": "clear_thinking_20251015"}]}
    fields = request(PROMPT, betas=betas, context_management=edits, **THINKING)
    for stream in [False, True]:
        response = client.beta.messages.with_raw_response.create(**fields, stream=stream)
        assert response.headers["kokunai-dropped-betas"] == ", ".join(betas[1:]), response.headers
    assert "kokunai-dropped-betas" not in client.messages.with_raw_response.create(**request(PROMPT)).headers


run(
    [
        answers_whole,
        answers_in_a_stream,
        streams_raw_events,
        uses_a_tool_whole,
        uses_a_tool_in_a_stream,
        thinks_whole,
        thinks_in_a_stream,
        sees_an_image,
        sees_a_pdf,
        counts_tokens_if_that_is_on,
        has_no_token_counts_if_that_is_off,
        lists_the_one_model,
        is_told_which_betas_were_dropped,
    ]
)
