import json
from pathlib import Path

import pytest

from baton.addresses import Addresses
from baton.calling import call
from baton.client import Client
from baton.local.home import Home
from baton.local.ports import Ports, free_ports, remember_ports
from baton.local.trouble import Trouble
from tests.unit.baton.commands.apis import Apis, problem


def client(home: Path, **environment: str) -> Client:
    return Client(Addresses.of(Home(home), {"BATON_TOKEN": "baton_x", **environment}))


def test_each_path_goes_to_its_owner_with_the_token(apis: Apis, tmp_path: Path) -> None:
    apis.on("GET /v1/leads?limit=1", {"items": []})
    asking = client(tmp_path, BATON_ROUTING_URL=f"http://127.0.0.1:{apis.port}/")
    assert asking.get("/v1/leads", {"limit": 1, "cursor": None}) == {"items": []}
    assert apis.asked[0].token == "Bearer baton_x"


def test_ports_that_the_home_remembers_are_asked(apis: Apis, tmp_path: Path) -> None:
    apis.on("GET /v1/kpis", {"leads": 1})
    remember_ports(Home(tmp_path), Ports({"insights": apis.port}))
    assert client(tmp_path).get("/v1/kpis") == {"leads": 1}


def test_one_address_may_stand_for_all_services(apis: Apis, tmp_path: Path) -> None:
    apis.on("GET /v1/kpis", {"leads": 1})
    assert client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}").get("/v1/kpis")


def test_the_token_of_the_home_is_used_unless_one_is_told(apis: Apis, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("baton_home\n")
    apis.on("GET /v1/kpis", {})
    told = {"BATON_URL": f"http://127.0.0.1:{apis.port}"}
    Client(Addresses.of(Home(tmp_path), told)).get("/v1/kpis")
    assert apis.asked[0].token == "Bearer baton_home"


def test_a_missing_token_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="baton up, or set BATON_TOKEN"):
        Client(Addresses.of(Home(tmp_path), {})).get("/v1/kpis")


def test_a_list_is_read_to_its_end(apis: Apis, tmp_path: Path) -> None:
    apis.on("GET /v1/breaches?limit=200", {"items": [{"n": 1}, {"n": 2}], "next": "c1"})
    apis.on("GET /v1/breaches?limit=200&cursor=c1", {"items": [{"n": 3}], "next": None})
    asking = client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}")
    assert [each["n"] for each in asking.items("/v1/breaches")] == [1, 2, 3]


def test_a_problem_is_one_line_with_a_line_for_each_field(apis: Apis, tmp_path: Path) -> None:
    errors = [{"field": "routing.yaml:3:5", "message": "no pool emae"}]
    apis.on("GET /v1/kpis", problem("It is not right.", errors=errors), status=422)
    with pytest.raises(Trouble) as found:
        client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}").get("/v1/kpis")
    assert str(found.value).splitlines() == [
        "insights: It is so. It is not right. Do this.",
        "    routing.yaml:3:5: no pool emae",
    ]


@pytest.mark.parametrize("answer", [b"<html>502</html>", {"detail": None}, [], "x"])
def test_an_error_that_explains_nothing_names_the_log(
    apis: Apis, tmp_path: Path, answer: object
) -> None:
    apis.on("GET /v1/kpis", answer, status=502)
    with pytest.raises(Trouble, match="insights") as found:
        client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}").get("/v1/kpis")
    assert "\n" not in str(found.value)


def test_an_answer_that_is_no_json_is_told(apis: Apis, tmp_path: Path) -> None:
    apis.on("GET /v1/kpis", b"hello")
    with pytest.raises(Trouble, match="is that address Baton's"):
        client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}").get("/v1/kpis")


def test_a_service_that_does_not_run_is_named_with_its_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with pytest.raises(Trouble) as found:
        client(tmp_path, BATON_SCORING_URL=url).post("/v1/search", {"email": "a@b.example"})
    assert str(found.value) == (
        f"scoring does not answer at {url}: see {call('status')}, start with {call('up')}"
    )


@pytest.mark.parametrize("url", ["nowhere", "ftp://host", "http://"])
def test_an_address_that_is_none_is_told_by_its_variable(tmp_path: Path, url: str) -> None:
    with pytest.raises(Trouble, match="BATON_SCORING_URL is no address"):
        client(tmp_path, BATON_SCORING_URL=url).get("/v1/scores/x")


def test_json_of_a_command_can_be_read_by_a_program(apis: Apis) -> None:
    done = apis.run("facts", "territory", "--json")
    assert [each["name"] for each in json.loads(done.stdout)] == ["lead.territory"]


def test_a_fact_that_is_not_there_is_told_with_the_nearest(apis: Apis) -> None:
    done = apis.run("facts", "lead.teritory")
    assert isinstance(done.exception, Trouble)
    assert "did you mean lead.territory?" in str(done.exception)


@pytest.mark.parametrize(
    ("way_out", "says"),
    [
        ("`detail` says what stands against it; change that first.", "It runs."),
        ("Correct the fields that `errors` names.", "It runs."),
        ("Do this. Correct what `detail` names.", "It runs. Do this."),
    ],
)
def test_sentences_about_parts_that_are_not_shown_are_left_out(
    apis: Apis, tmp_path: Path, way_out: str, says: str
) -> None:
    apis.on("GET /v1/kpis", problem("It runs.") | {"way_out": way_out}, status=409)
    with pytest.raises(Trouble) as found:
        client(tmp_path, BATON_URL=f"http://127.0.0.1:{apis.port}").get("/v1/kpis")
    assert str(found.value) == f"insights: It is so. {says}"


def test_a_token_that_is_refused_is_told_with_where_it_came_from(
    apis: Apis, tmp_path: Path
) -> None:
    way_out = "Send `Authorization: Bearer TOKEN` with a token that is known."
    apis.on("GET /v1/kpis", problem("Not known.") | {"way_out": way_out}, status=401)
    url = f"http://127.0.0.1:{apis.port}"
    file = tmp_path / "token"
    with pytest.raises(Trouble, match="The token of BATON_TOKEN was sent") as found:
        client(tmp_path, BATON_URL=url).get("/v1/kpis")
    assert str(file) in str(found.value)
    file.write_text("baton_other\n")
    with pytest.raises(Trouble) as found:
        Client(Addresses.of(Home(tmp_path), {"BATON_URL": url})).get("/v1/kpis")
    assert f"The token in {file} was sent" in str(found.value)
    assert "BATON_TOKEN sets another" in str(found.value)
