"""What the templates of the pages show."""


def library_context(page, request):
    return {}


module_context = activity_context = course_index_context = course_context = library_context
