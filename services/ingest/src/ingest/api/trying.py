"""/try: the form in a page, to send oneself as a lead. In development only.

The page needs nothing from elsewhere: no script, its style inside.
"""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from chassis.http.access import open_to_all
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from ingest.api.answers import Desk
from ingest.domain.kinds.html_form import HtmlForm
from ingest.domain.page import on_this_machine

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def try_router(desk: Desk) -> Router:
    """Return the page's route."""
    router = Router(tags=["try"], dependencies=[open_to_all("a page to try a form, no data")])

    @router.get("/try", include_in_schema=False)
    async def form() -> Response:
        sources = desk.sources(await desk.now())
        forms = [
            (name, source)
            for name, source in sources.policy.sources.items()
            if isinstance(source, HtmlForm) and source.enabled
        ]
        if desk.settings.production or not forms:
            raise Problem(ProblemKind.NOT_FOUND, "There is no page to try a form here.")
        name, source = forms[0]
        page = _PAGES.get_template("try.html").render(source=name, label=source.label)
        return HTMLResponse(page, headers=_headers(desk, source))

    return router


def _headers(desk: Desk, source: HtmlForm) -> dict[str, str]:
    # Browsers hold a redirect of the form against form-action too.
    targets = {f"{urlsplit(each).scheme}://{urlsplit(each).netloc}" for each in source.thank_you}
    targets = {each for each in targets if on_this_machine(each)}
    if desk.settings.insights_public_url is not None:
        targets.add(desk.settings.insights_public_url)
    allowed = " ".join(["'self'", *sorted(targets)])
    return {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action {allowed}"
        ),
        # With no referrer at all a browser would send the form without its origin.
        "Referrer-Policy": "same-origin",
    }
