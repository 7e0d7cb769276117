"""What may happen to accounts, persons, mandates, vouchers and messages: one verb per function, the only place that writes."""

from accounts.security.attempts import locked_out
from accounts.services import vouchers
from accounts.services.accounts import (
    choose_reading,
    close_account,
    end_sign_ins,
    give_enrolment_code,
    note_change,
    require_supervises,
    reset_factor,
    sign_in_staff,
    sign_in_wechat,
    sign_out,
    switch,
    unlock,
)
from accounts.services.binding import bind_person, resend_code, verify
from accounts.services.inbox import Inbox, Text, compose, mark_read, reasons, tell, unread
from accounts.services.lookup import ambiguous, find_enrolled, find_insured, find_registered
from accounts.services.mandates import (
    IN_THE_ACCOUNT,
    approve_at_counter,
    approve_mandate,
    end_at_counter,
    end_lapsed,
    holders,
    identity_of,
    revoke_mandate,
    unbind,
)
from accounts.services.notifications import choose_channels, record_consents, telephone_of, templates_of

__all__ = [
    "IN_THE_ACCOUNT",
    "Inbox",
    "Text",
    "ambiguous",
    "approve_at_counter",
    "approve_mandate",
    "bind_person",
    "choose_channels",
    "choose_reading",
    "close_account",
    "compose",
    "end_at_counter",
    "end_lapsed",
    "end_sign_ins",
    "find_enrolled",
    "find_insured",
    "find_registered",
    "give_enrolment_code",
    "holders",
    "identity_of",
    "locked_out",
    "mark_read",
    "note_change",
    "reasons",
    "record_consents",
    "require_supervises",
    "resend_code",
    "reset_factor",
    "revoke_mandate",
    "sign_in_staff",
    "sign_in_wechat",
    "sign_out",
    "switch",
    "telephone_of",
    "tell",
    "templates_of",
    "unbind",
    "unlock",
    "unread",
    "verify",
    "vouchers",
]
