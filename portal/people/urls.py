from django.urls import path

from portal.people.views import addresses, company, entrance, invitations, person_traces, sessions, teams, tokens

urlpatterns = [
    path("setup/<str:token>/", entrance.setup, name="setup"),
    path("accounts/email/", addresses.addresses, name="account_email"),
    path("accounts/sessions/", sessions.sessions, name="account_sessions"),
    path("accounts/sessions/end/", sessions.sign_out_everywhere, name="sign_out_everywhere"),
    path("accounts/tokens/", tokens.tokens, name="account_tokens"),
    path("accounts/tokens/new/", tokens.new_token, name="new_token"),
    path("accounts/tokens/<int:pk>/revoke/", tokens.revoke_token, name="revoke_token"),
    path("accounts/tokens/<int:pk>/key/", tokens.replace_token, name="replace_token"),
    path("accounts/tokens/<int:pk>/hand-over/", tokens.hand_over, name="hand_over_token"),
    path("team/<int:pk>/tokens/", tokens.new_service_token, name="new_service_token"),
    path("accounts/company/", company.company_sign_in, name="company_sign_in"),
    path("accounts/company/back/", company.company_callback, name="company_callback"),
    path("accounts/company/out/", company.company_sign_out, name="company_sign_out"),
    path("accounts/emergency/<str:token>/", entrance.break_glass, name="break_glass"),
    path("people/<int:pk>/traces/", person_traces.person_traces, name="person_traces"),
    path("people/<int:pk>/traces/file/", person_traces.person_traces_file, name="person_traces_file"),
    path("theme/", entrance.theme, name="theme"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("team/", teams.team, name="team"),
    path("team/new/", teams.new_team, name="new_team"),
    path("team/<int:pk>/rename/", teams.rename, name="rename_team"),
    path("team/<int:pk>/invite/", teams.invite, name="invite"),
    path("team/invitations/<int:pk>/withdraw/", teams.withdraw, name="withdraw_invitation"),
    path("team/members/<int:pk>/role/", teams.change_role, name="change_role"),
    path("team/members/<int:pk>/remove/", teams.remove, name="remove_member"),
    path("team/people/<int:pk>/active/", teams.set_active, name="set_active"),
]
