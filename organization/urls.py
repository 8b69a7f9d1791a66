"""URLs of the app, one group a noun."""

from django.urls import path

from organization import views

app_name = "organization"

# /login/, /logout/, /password/
signin_urls = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
]

# /accounts/
account_urls = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/new/", views.account_new, name="account_new"),
    path("accounts/slips/", views.slips, name="slips"),
    path("accounts/<uuid:staff_uuid>/", views.account, name="account"),
    path("accounts/<uuid:staff_uuid>/grant/", views.account_grant, name="account_grant"),
    path("accounts/<uuid:staff_uuid>/withdraw/<uuid:grant_uuid>/", views.account_withdraw, name="account_withdraw"),
    path("accounts/<uuid:staff_uuid>/active/", views.account_active, name="account_active"),
    path("accounts/<uuid:staff_uuid>/code/", views.account_code, name="account_code"),
]

urlpatterns = [*signin_urls, *account_urls]
