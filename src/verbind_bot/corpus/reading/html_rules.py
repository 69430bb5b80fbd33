"""Which elements of a web page are its text, and which are the furniture around it."""

from __future__ import annotations

import re
from collections.abc import Mapping

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
HEADINGS = {f"h{n}": n for n in range(1, 7)}
BLOCKS = frozenset(
    "p div section article main body ul ol dl dt dd table tr blockquote pre figure figcaption address details "  # noqa: SIM905
    "summary hr fieldset form".split()
)
INNER = frozenset({"main", "article"})
_LEFT_OUT = frozenset(
    "script style noscript template svg math nav header footer aside label button select textarea iframe object "  # noqa: SIM905
    "dialog canvas audio video head".split()
)
_WHOLE = frozenset({"html", "body", *INNER})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])")
_ASIDE = re.compile(
    r"(?:^|\s)(?:site-|main-|page-|top-)?(?:nav|navbar|navigation|menu|breadcrumbs?|kruimelpad|cookies?|banner|sidebar|"
    r"zijbalk|footer|share|sharing|social|comments?|reacties|related|gerelateerd|advert\w*|skip-?link|pagination|"
    r"screen-reader-text|sr-only|visually-hidden)(?:[_-][\w-]*)?(?=$|\s)",
    re.IGNORECASE,
)
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu", "alert"})


def is_left_out(tag: str, attributes: Mapping[str, str], inside: bool) -> bool:
    """Whether an element is hidden or furniture; `inside` says whether it stands in an article or the main part."""
    if tag in _LEFT_OUT and not (tag == "header" and inside):  # the head of an article is the article's
        return True
    if "hidden" in attributes or attributes.get("aria-hidden") == "true" or attributes.get("role") in _ROLES:
        return True
    if _HIDING.search(attributes.get("style", "").lower()):
        return True
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    return tag not in _WHOLE and bool(_ASIDE.search(named))
