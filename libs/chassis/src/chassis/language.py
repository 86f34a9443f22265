"""Which of the platform's two languages a caller wants."""

from chassis.errors import LANGUAGES


def language_of(accept_language: str) -> str:
    """Choose ``en`` or ``zh`` from an Accept-Language header (RFC 9110, 12.5.4); English if unsure.

    >>> language_of("fr, zh-CN;q=0.8, en;q=0.3")
    'zh'
    """
    best, best_weight = LANGUAGES[0], 0.0
    for choice in accept_language[:256].split(","):
        tag, _, parameter = choice.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        name, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if primary in LANGUAGES and best_weight < weight <= 1.0:
            best, best_weight = primary, weight
    return best
