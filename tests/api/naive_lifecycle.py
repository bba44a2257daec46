"""The alarm life once more, slow and obvious: nothing is copied into alarms, all is looked up when asked.

Times are seconds. One `NaivePlant` has a few rules; each rule has its episodes, the newest last.
"""

from dataclasses import dataclass, field


class Refused(Exception):
    """The act does not fit."""


@dataclass
class Episode:
    active: bool = True
    latched: bool = False
    told: bool = False
    answered: float | None = None
    confirmed: bool = False
    set_aside_at_its_end: bool = False


@dataclass
class NaiveRule:
    longest_shelving: float
    longest_out_of_service: float
    asks_again_after: float
    two_persons: bool = False
    shelved_alone: float = 0
    """Where two persons are needed: how long one alone may shelve it."""
    suppressed_by: str = ""
    episodes: list[Episode] = field(default_factory=list)
    asides: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """`shelved` or `out_of_service` -> (until, one_shot)"""
    proposals: dict[str, tuple[str, float, bool, float]] = field(default_factory=dict)
    """The same -> (by, until, one_shot, expires)"""


class NaivePlant:
    def __init__(self, rules: dict[str, NaiveRule], proposal_lasts: float) -> None:
        self.rules = rules
        self.now = 0.0
        self._proposal_lasts = proposal_lasts

    def states(self) -> dict[str, list[str]]:
        return {
            name: [self._state(name, each) for each in rule.episodes] for name, rule in self.rules.items()
        }

    def begin(self, name: str) -> None:
        self.rules[name].episodes.append(Episode())
        self._look(name, anew=False)

    def latch(self, name: str) -> None:
        """The condition is over, and its latch holds the alarm."""
        self._newest(name).latched = True

    def come_back(self, name: str) -> None:
        """The condition is true: nothing new, unless only the latch held the alarm."""
        episode = self._newest(name)
        if episode.latched:
            episode.latched, episode.told = False, not self._hidden(name)
            episode.answered, episode.confirmed = None, False

    def end(self, name: str) -> None:
        rule, episode = self.rules[name], self.rules[name].episodes[-1]
        episode.active = False
        episode.set_aside_at_its_end = bool(rule.asides)
        if rule.asides.get("shelved", (0, False))[1]:
            del rule.asides["shelved"]
        self._look_at_dependents(name)

    def acknowledge(self, name: str) -> None:
        episode = self._newest(name)
        if episode.answered is not None or self._state(name, episode) == "NORM":
            raise Refused
        episode.answered = self.now

    def confirm(self, name: str) -> None:
        episode = self._newest(name)
        if episode.answered is None or episode.confirmed:
            raise Refused
        episode.confirmed = True

    def put_aside(self, name: str, kind: str, by: str, seconds: float, one_shot: bool) -> None:
        rule = self.rules[name]
        longest = rule.longest_shelving if kind == "shelved" else rule.longest_out_of_service
        if kind in rule.asides or seconds > longest or (one_shot and not self._is_active(name)):
            raise Refused
        alone = kind == "shelved" and seconds <= rule.shelved_alone
        if rule.two_persons and not alone:
            if rule.proposals:
                raise Refused
            expires = self.now + min(seconds, self._proposal_lasts)
            rule.proposals[kind] = (by, self.now + seconds, one_shot, expires)
        else:
            rule.asides[kind] = (self.now + seconds, one_shot)

    def agree(self, name: str, kind: str, by: str) -> None:
        rule = self.rules[name]
        if kind not in rule.proposals:
            raise Refused
        proposer, until, one_shot, _ = rule.proposals[kind]
        if proposer == by or kind in rule.asides or (one_shot and not self._is_active(name)):
            raise Refused
        del rule.proposals[kind]
        rule.asides[kind] = (until, one_shot)

    def take_back(self, name: str, kind: str) -> None:
        rule = self.rules[name]
        if kind not in rule.asides:
            raise Refused
        del rule.asides[kind]
        self._look(name, anew=kind == "out_of_service")

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def settle(self) -> None:
        """What is due by now happens, in the order in which it became due."""
        while due := sorted(self._due()):
            _, what, name, kind = due[0]
            rule = self.rules[name]
            if what == "expiry":
                del rule.asides[kind]
                self._look(name, anew=True)
            elif what == "void":
                del rule.proposals[kind]
            else:
                episode = rule.episodes[int(kind)]
                episode.answered, episode.confirmed, episode.told = None, False, True

    def _due(self) -> list[tuple[float, str, str, str]]:
        found = []
        for name, rule in self.rules.items():
            found += [(until, "expiry", name, kind) for kind, (until, _) in rule.asides.items()]
            found += [(each[3], "void", name, kind) for kind, each in rule.proposals.items()]
            for at, episode in enumerate(rule.episodes):
                asks = episode.active and episode.answered is not None and not self._hidden(name)
                if asks and rule.asks_again_after:
                    found.append((episode.answered + rule.asks_again_after, "again", name, str(at)))
        return [each for each in found if each[0] <= self.now]

    def _look(self, name: str, *, anew: bool) -> None:
        """Something may have stopped hiding this rule, or its alarm is new."""
        episode = self._newest(name) if self.rules[name].episodes else None
        if episode and episode.active and not self._hidden(name) and (anew or not episode.told):
            episode.told, episode.answered, episode.confirmed = True, None, False
        self._look_at_dependents(name)

    def _look_at_dependents(self, name: str) -> None:
        for other, rule in self.rules.items():
            if rule.suppressed_by == name and not self._is_active(name):
                self._look(other, anew=True)

    def _state(self, name: str, episode: Episode) -> str:
        rule = self.rules[name]
        if not episode.active:
            closed = episode.answered is not None or not episode.told or episode.set_aside_at_its_end
            return "NORM" if closed else "RTNUN"
        if "out_of_service" in rule.asides:
            return "OOSRV"
        if rule.suppressed_by and self._is_active(rule.suppressed_by):
            return "DSUPR"
        if "shelved" in rule.asides:
            return "SHLVD"
        latched = "L" if episode.latched else ""
        return f"{latched}UNACK" if episode.answered is None else f"{latched}ACKED"

    def _hidden(self, name: str) -> bool:
        rule = self.rules[name]
        return bool(rule.asides) or bool(rule.suppressed_by and self._is_active(rule.suppressed_by))

    def _is_active(self, name: str) -> bool:
        return any(episode.active for episode in self.rules[name].episodes)

    def _newest(self, name: str) -> Episode:
        if not self.rules[name].episodes:
            raise Refused
        return self.rules[name].episodes[-1]
