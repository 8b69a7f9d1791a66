"""How the time of the main pages grows with the people of one municipality, and the chart of it."""
