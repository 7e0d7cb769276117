"""The automatic checks of filings: pure functions over `FilingCase`, one per rule, in the order in which they are shown."""

from filings.checks import application, care

CHECKS = (
    care.destination_fits_pooling,
    care.destination_is_elsewhere,
    care.filing_is_needed,
    care.partly_exempt,
    care.institutions_fit,
    care.enrollment_in_force,
    care.starts_within_bounds,
    care.ends_within_bounds,
    care.long_term_is_long,
    care.no_live_rival,
    care.predecessor_may_change,
    care.made_up_for,
    care.emergency_reported_late,
    care.injury_is_stated,
    application.documents_are_readable,
    application.documents_are_complete,
    application.commitment_is_accepted,
    application.commitment_is_not_barred,
    application.commitment_is_signed_by_the_person,
    application.referral_is_valid,
    application.notice_was_read,
    application.type_is_open,
    application.person_may_file,
    application.person_may_be_excluded,
    application.retiree_is_retired,
    application.worker_is_of_age,
    application.contact_is_reachable,
)
