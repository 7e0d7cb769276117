"""Recognitions in the staff's site: their list, and the form by which a clerk enters an application."""

from django.contrib import admin

from chronic.admin.recognitions import RecognitionAdmin
from chronic.models import Recognition

admin.site.register(Recognition, RecognitionAdmin)
