"""Choosing a module in the CMS: the editor picks a page, the placement keeps its key."""

from academy.choosers import PageKeyChooser


class ModuleKeyChooser(PageKeyChooser):
    """A class, because the models name it before there are models to choose from."""

    def __init__(self, **kwargs):
        super().__init__(["courses.ModulePage"], **kwargs)
