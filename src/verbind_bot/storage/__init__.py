"""What is kept between two requests: SQLAlchemy over SQLite, or PostgreSQL by URL."""
