"""The doors of the portal's reports."""

from sdes.sdep.routes.reports import dashboard, portal, reports

handlers = [
    dashboard.index,
    reports.show,
    reports.export_csv,
    reports.export_xlsx,
    portal.index,
    portal.monthly,
    portal.volumes,
]
