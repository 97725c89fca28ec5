"""Reads templates as Jinja does, and prints the literal names of `static('…')`, as JSON; null for
a text that is no template.

    python jinja.py '["{{ static(\\"a.png\\") }}", …]'
"""

import json
import sys

from jinja2 import Environment, TemplateSyntaxError, nodes


def names(text):
    try:
        tree = Environment().parse(text)
    except TemplateSyntaxError:
        return None
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    literal = [call for call in calls if call.node.name == "static" and isinstance(call.args[0], nodes.Const)]
    return sorted(call.args[0].value for call in literal)


print(json.dumps([names(text) for text in json.loads(sys.argv[1])]))
