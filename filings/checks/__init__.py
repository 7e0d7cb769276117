"""The automatic checks of filings: pure functions over `FilingCase`, one per rule, in the order in which they are shown."""

from filings.checks import what, when, where, who

CHECKS = (
    where.destination_fits_pooling,
    where.destination_is_elsewhere,
    where.filing_is_needed,
    where.partly_exempt,
    where.institutions_fit,
    when.enrollment_in_force,
    when.starts_within_bounds,
    when.ends_within_bounds,
    when.long_term_is_long,
    when.no_live_rival,
    when.predecessor_may_change,
    when.made_up_for,
    when.emergency_reported_late,
    what.documents_are_readable,
    what.documents_are_complete,
    what.commitment_is_accepted,
    what.commitment_is_not_barred,
    what.commitment_is_signed_by_the_person,
    what.referral_is_valid,
    what.notice_was_read,
    who.type_is_open,
    who.person_may_file,
    who.person_may_be_excluded,
    who.retiree_is_retired,
    who.worker_is_of_age,
    who.contact_is_reachable,
)
