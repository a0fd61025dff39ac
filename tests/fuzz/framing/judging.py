"""Whether what was answered on a connection agrees with the one way in which it may be read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.fuzz.framing.reading import Kind, Reading, Stay

REFUSALS = {400, 403, 405, 408, 413, 414, 417, 426, 431, 501, 505}
_FAILURES = {500, 502, 503, 504}
_MADE = (b"POST", b"/profiles", b"application/json")
_NAMED = re.compile(rb"drawn\d|hidden|last")
_STATUS_LINE = re.compile(rb"HTTP/1\.\d (\d{3})[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a server."""

    status: int
    id: bytes
    """Its `X-Request-Id`."""
    closes: bool
    body: bytes


class DisagreementError(Exception):
    """The answers are not those that the bytes ask for."""


class _Answers:
    """What is left of the bytes that came back."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def are_over(self) -> bool:
        return not self._data

    def next(self, *, to_head: bool) -> Answer | None:
        """The next final one, None at the end; ``to_head``: it has no body."""
        while self._data:
            head, end, self._data = self._data.partition(b"\r\n\r\n")
            line, _, fields = head.partition(b"\r\n")
            found = _STATUS_LINE.fullmatch(line)
            if found is None or not end:
                raise DisagreementError("what comes back is no answer")
            status = int(found[1])
            if status >= 200:
                return self._final(status, fields, to_head=to_head)
        return None

    def _final(self, status: int, fields: bytes, *, to_head: bool) -> Answer:
        length = int(_field(fields, b"content-length") or 0)
        closes = b"close" in _field(fields, b"connection").lower()
        if status in {204, 304} or (to_head and not (closes and len(self._data) == length)):
            length = 0  # a refusal, after which nothing comes, may have a body also then
        body, self._data = self._data[:length], self._data[length:]
        if len(body) < length:
            raise DisagreementError("an answer is cut")
        return Answer(status, _field(fields, b"x-request-id"), closes, body)


def _field(fields: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?:^|\n)%s:[ \t]*([^\r\n]*)" % re.escape(name), fields, re.I)
    return found[1].strip() if found else b""


def judge(asked: Iterable[Reading], received: bytes) -> None:
    """Hold all that was ``received`` until the server closed the connection against ``asked``.

    :raises DisagreementError: with what is wrong.
    """
    answers = _Answers(received)
    for reading in asked:
        if not _goes_on(reading, answers):
            break
    if not answers.are_over:
        raise DisagreementError("more is answered than was asked")


def _goes_on(reading: Reading, answers: _Answers) -> bool:
    """Whether the next request may be answered, too."""
    answer = answers.next(to_head=reading.method == b"HEAD")
    if answer is not None and answer.status in _FAILURES:
        raise DisagreementError(f"a request is answered with {answer.status}")
    if reading.kind is Kind.WHOLE:
        return _whole(reading, answer, answers)
    if answer is None:
        if reading.kind is Kind.CUT:
            return False
        raise DisagreementError("a broken request is not refused")
    early = reading.head_is_read and answer.id == reading.id and not _refuses(answer)
    if not early and not _refuses(answer):
        raise DisagreementError("a request without a proper end is answered")
    if early and not answers.are_over:
        _last_refusal(answers)
    return False


def _refuses(answer: Answer) -> bool:
    return answer.status in REFUSALS


def _last_refusal(answers: _Answers) -> None:
    """Of a body that is found broken when the request was answered."""
    answer = answers.next(to_head=False)
    if answer is None or not _refuses(answer):
        raise DisagreementError("a part of a body is answered")


def _whole(reading: Reading, answer: Answer | None, answers: _Answers) -> bool:
    if answer is None:
        raise DisagreementError("a request is not answered")
    is_its_own = answer.id == reading.id or not (reading.id or _NAMED.fullmatch(answer.id))
    if not is_its_own and not _refuses(answer):
        raise DisagreementError("another request is answered")
    if reading.is_wrong and not _refuses(answer):
        raise DisagreementError("a wrong request is not refused")
    may_be_refused = reading.is_wrong or reading.may_be_refused
    if not is_its_own and not may_be_refused:
        raise DisagreementError("a proper request is refused")
    if is_its_own and not may_be_refused:
        _look_at_content(reading, answer)
    may_close = may_be_refused or reading.stay is not Stay.YES
    if answer.closes and not may_close:
        raise DisagreementError("the connection is closed after a proper request")
    return reading.stay is not Stay.NO and not (may_close and (answer.closes or answers.are_over))


def _look_at_content(reading: Reading, answer: Answer) -> None:
    """The answer names what is in the body, where that is such a one."""
    name = re.fullmatch(rb'\{"(drawn\d)":1 *\}', reading.body)
    asked = (reading.method, reading.target, reading.media_type)
    if asked == _MADE and name and name[1] not in answer.body:
        raise DisagreementError("another body is answered than was sent")
