"""`hazardwatch generate` and `simulate --generated` as a person types them."""

import json

import pytest

from tests.hazardwatch.program import run
from tests.simulators.mosquitto import running_broker


def test_generate_makes_a_site_that_check_accepts(tmp_path):
    made = run(
        tmp_path,
        "generate",
        "--points",
        200,
        "--seed",
        3,
        "--centre",
        "117.7,38.95",
        "--folder",
        "city",
        "--json",
    )
    assert made.status == 0, made.err
    figures = json.loads(made.out.splitlines()[-1])
    assert figures["points"] == 200
    assert figures["samples_per_second"] > 10
    checked = run(tmp_path, "check", "city", "--json")
    assert checked.status == 0, checked.out
    assert json.loads(checked.out.splitlines()[-1])["points"] == 200


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("generate", "--points", 5, "--folder", "city"), "points: expected `int` >= 10"),
        (("generate", "--points", 50, "--folder", "city", "--centre", "here"), "LONGITUDE,LATITUDE"),
        (("simulate",), "give a scenario"),
        (("simulate", "demo", "--generated", "city"), "not both"),
        (("simulate", "demo", "--seconds", "-1"), "none below 0"),
        (("simulate", "--generated", "city"), "city/plan.json"),
        (("simulate", "--generated", "city", "--seed", 3), "its own seed"),
    ],
)
def test_odd_request_is_refused_in_words(tmp_path, arguments, wrong):
    refused = run(tmp_path, *arguments)
    assert refused.status != 0
    assert wrong in refused.err


def test_generated_plant_is_published(tmp_path):
    run(tmp_path, "generate", "--points", 60, "--folder", "city")
    with running_broker(tmp_path) as broker:
        port = broker.port
        done = run(
            tmp_path,
            "simulate",
            "--generated",
            "city",
            "--port",
            port,
            "--speed",
            100,
            "--seconds",
            60,
            "--truth",
            "truth.jsonl",
            "--json",
        )
    assert done.status == 0, done.err
    report = json.loads(done.out.splitlines()[-1])
    assert report["points"] == 60
    assert report["published"]["acknowledged_samples"] == report["published"]["samples"] > 100
    assert (tmp_path / "truth.jsonl").is_file()
