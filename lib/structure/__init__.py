"""What the tables have to be, told from the models, and what they are in the database: columns, constraints, indexes."""
