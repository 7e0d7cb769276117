"""Filings and proofs in the staff's site: their lists, and the form by which a clerk enters a filing."""

from django.contrib import admin

from filings.admin.filings import FilingAdmin, ProofAdmin
from filings.models import Filing, Proof

admin.site.register(Filing, FilingAdmin)
admin.site.register(Proof, ProofAdmin)
