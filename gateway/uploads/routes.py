"""The addresses of files of people."""

from starlette.routing import BaseRoute, Route

from gateway.uploads import downloads, endpoint, one_roster, student_groups


def routes() -> list[BaseRoute]:
    return [
        Route("/uploads", endpoint.upload, methods=["POST"]),
        Route(student_groups.PATH, student_groups.import_student_groups, methods=["POST"]),
        Route(one_roster.PATH, one_roster.suggest_roles, methods=["POST"]),
        Route(one_roster.CLASSES_PATH, one_roster.import_classes, methods=["POST"]),
        Route("/uploads/formats", downloads.formats, methods=["GET"]),
        Route("/uploads/formats/{code}/template", downloads.template, methods=["GET"]),
        Route("/uploads/formats/{code}/specification", downloads.specification, methods=["GET"]),
        Route("/uploads/{id}/report", downloads.report, methods=["GET"]),
        Route("/uploads/{id}/file", downloads.file, methods=["GET"]),
    ]
