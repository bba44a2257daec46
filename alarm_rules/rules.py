"""Entries, packs and points brought together: the rules that a gateway evaluates."""

from alarm_rules.applied_packs import apply_packs
from alarm_rules.own_rules import add_own_rule
from alarm_rules.rule_book import RuleBook
from alarm_rules.rule_checks import check_rules
from alarm_rules.rule_entries import RuleEntries
from alarm_rules.suppression_checks import check_suppression
from alarm_rules.watched import settle_watched_rules


def build_rules(entries: RuleEntries, book: RuleBook) -> None:
    """Fill the book: pack rules in the order of the points, then the site's own, then judge them together."""
    apply_packs(entries, book)
    for own in entries.rules:
        add_own_rule(own, book)
    settle_watched_rules(book)
    check_rules(book)
    check_suppression(book)
