class Alone:
    """The only one here."""

    def execute(self):
        return "alone"
