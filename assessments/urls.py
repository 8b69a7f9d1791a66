"""URLs of the app, one group a noun."""

from django.urls import path

from assessments.views import confirming, correction, cycles, exports, review

app_name = "assessments"

# /review/ and what the line does with a sheet
review_urls = [
    path("review/", review.review, name="review"),
    path("sheets/<uuid:sheet_uuid>/confirm/", confirming.sheet_confirm, name="sheet_confirm"),
    path("sheets/<uuid:sheet_uuid>/send-back/", confirming.sheet_send_back, name="sheet_send_back"),
    path("sheets/<uuid:sheet_uuid>/correct/", correction.sheet_correct, name="sheet_correct"),
]

# /cycles/
cycle_urls = [
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/new/", cycles.cycle_new, name="cycle_new"),
    path("cycles/<uuid:cycle_uuid>/", cycles.cycle, name="cycle"),
    path("cycles/<uuid:cycle_uuid>/open/", cycles.cycle_open, name="cycle_open"),
    path("cycles/<uuid:cycle_uuid>/add/", cycles.cycle_add, name="cycle_add"),
    path("cycles/<uuid:cycle_uuid>/close/", cycles.cycle_close, name="cycle_close"),
]

# /exports/
export_urls = [
    path("exports/", exports.exports, name="exports"),
]

urlpatterns = [*review_urls, *cycle_urls, *export_urls]
