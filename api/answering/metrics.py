"""Figures of the answering links."""

from prometheus_client import CollectorRegistry, Counter


class AnsweringMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.links = Counter(
            "hazardwatch_api_answer_links", "Answering links made", ["kind"], registry=registry
        )
        self.opened = Counter(
            "hazardwatch_api_answer_pages",
            "Answering pages shown, by people and by link previews",
            ["status"],
            registry=registry,
        )
        self.answers = Counter(
            "hazardwatch_api_answers", "Answers taken through links", ["choice"], registry=registry
        )
        self.refused = Counter(
            "hazardwatch_api_answers_refused",
            "Answers through links that could not be taken, and requests with an unknown secret",
            ["why"],
            registry=registry,
        )
