"""Manual reimbursement (手工报销, 零星报销): a bill the person paid, claimed with its papers, reviewed twice, paid by the agency."""
