"""Where personal data may be: the channel, what the place looks like (a regular expression), and the reason."""

ALLOWED = (
    (
        "export",
        r"^/admin/claims/paymentbatch/[^/]+/file/ text/csv$",
        "the bank pays by name and account; each look is on record",
    ),
    ("export", r"^/api/v1/settlements/[^/]+/statement\.pdf ", "the patient's own paper"),
    ("export", r"^/admin/settlements/settlement/[^/]+/statement\.pdf ", "the patient's own paper, printed for them"),
    ("export", r"^/api/v1/filings/[^/]+/receipt\.pdf ", "the person's own paper; to others it is masked"),
    ("export", r"^/api/v1/recognitions/[^/]+/form\.pdf ", "the application as the person signs it, to nobody else"),
    (
        "export",
        r"^/(api/v1|admin)/referrals/[^/]+(/[^/]+)?/certificate\.pdf ",
        "the patient takes it to the other hospital",
    ),
    (
        "log",
        r"^chaos: up\.log$| -m tests\.chaos\.entry small",
        "the screen of `make run` says as whom of the invented people one may try it",
    ),
)
