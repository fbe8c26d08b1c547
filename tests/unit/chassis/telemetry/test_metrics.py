import pytest

from chassis.telemetry.metrics import HttpMetric, Meaning, Meters, MetricName, ProcessMetric


class Toy(MetricName):
    STEPS = Meaning("baton_toy_steps_total", "Steps that the toy made.", ("lane",))


def test_the_same_name_gives_the_same_metric() -> None:
    meters = Meters()
    meters.counter(Toy.STEPS).labels("1").inc()
    meters.counter(Toy.STEPS).labels("1").inc()
    text = meters.exposition()[0].decode()
    assert 'baton_toy_steps_total{lane="1"} 2.0' in text
    assert "Steps that the toy made." in text


def test_a_name_cannot_be_of_two_kinds() -> None:
    meters = Meters()
    meters.counter(Toy.STEPS)
    with pytest.raises(TypeError, match="baton_toy_steps_total is a Counter already"):
        meters.gauge(Toy.STEPS)
    with pytest.raises(TypeError, match="already"):
        meters.histogram(Toy.STEPS)


def test_the_build_is_named() -> None:
    text = Meters("toy", "1.2.3", "toy-0").exposition()[0].decode()
    assert 'baton_build{instance="toy-0",service="toy",version="1.2.3"} 1.0' in text


def test_every_metric_has_a_name_of_ours_and_a_sentence() -> None:
    for metric in (*ProcessMetric, *HttpMetric):
        assert metric.meaning.name.startswith("baton_")
        assert metric.meaning.says.endswith(".")
