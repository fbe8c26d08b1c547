"""Reads the sentences below fields and members of closed lists, which Python throws away.

Called by the generator and by the test that wants a sentence for every reason.
"""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from functools import cache


@cache
def sentences_of(owner: type) -> dict[str, str]:
    """Return the sentence below each field or member that the class itself declares."""
    try:
        source = textwrap.dedent(inspect.getsource(owner))
    except (OSError, TypeError):
        return {}
    tree = ast.parse(source).body[0]
    return dict(_pairs(tree.body)) if isinstance(tree, ast.ClassDef) else {}


def sentence_of(owner: type, name: str) -> str | None:
    """Return the sentence below a field, of the class or of what it inherits from."""
    found = (sentences_of(each).get(name) for each in owner.__mro__)
    return next((sentence for sentence in found if sentence), None)


def _pairs(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, below in itertools.pairwise(body):
        if not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case _:
                continue
        if isinstance(below.value.value, str):
            yield name, " ".join(inspect.cleandoc(below.value.value).split())
