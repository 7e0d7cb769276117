"""Addresses of accounts, persons, mandates and messages, below /api/v1/."""

from django.urls import path

from accounts.views import accounts, notifications, persons

urlpatterns = [
    path("auth/wechat/", accounts.WeChatSignIn.as_view()),
    path("auth/password/", accounts.PasswordSignIn.as_view()),
    path("auth/logout/", accounts.SignOut.as_view()),
    path("account/", accounts.OwnAccount.as_view()),
    path("account/export/", accounts.ExportAccount.as_view()),
    path("account/closing/", accounts.ClosingAccount.as_view()),
    path("account/notifications/", notifications.Notifications.as_view()),
    path("account/notifications/consents/", notifications.Consents.as_view()),
    path("persons/", persons.Persons.as_view()),
    path("persons/<uuid:person_id>/", persons.OnePerson.as_view()),
    path("persons/<uuid:person_id>/verify/", persons.VerifyPerson.as_view()),
    path("persons/<uuid:person_id>/resend/", persons.ResendCode.as_view()),
    path("persons/<uuid:person_id>/vouchers/", persons.Vouchers.as_view()),
    path("mandates/", persons.Mandates.as_view()),
    path("mandates/<uuid:mandate_id>/approve/", persons.ApproveMandate.as_view()),
    path("mandates/<uuid:mandate_id>/revoke/", persons.RevokeMandate.as_view()),
    path("messages/", accounts.Messages.as_view()),
    path("messages/<uuid:message_id>/read/", accounts.ReadMessage.as_view()),
]
